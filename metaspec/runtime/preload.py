"""Imported once by the fork server, so that every worker starts with TensorFlow in memory it shares.

Importing runs no TensorFlow operation; after one, a forked process would hang.
"""

import metaspec.backend
import metaspec.plan.model

__all__ = ["metaspec"]
