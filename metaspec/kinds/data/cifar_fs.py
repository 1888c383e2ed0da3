from metaspec.kinds.published import PublishedPictures
from metaspec.spec.base import Count, field


class CifarFs(PublishedPictures):
    """The 100 classes of CIFAR-100, 600 pictures each, split 64-16-20 (Bertinetto et al. 2019).

    The published files, brought by the user: see `docs/data.md` for the layouts that are read. Pickles are read without
    running code from them. Pictures are decoded once into the cache, which all workers map into their memory.
    """

    references = ("bertinetto2019",)

    path: str = field("cifar_fs", doc="folder with the published files, or a zip of pictures and their lists")
    size: Count = field(32, doc="height and width in pixels after resizing")
