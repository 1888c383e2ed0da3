from metaspec.kinds.published import PublishedPictures
from metaspec.spec.base import Count, field


class MiniImagenet(PublishedPictures):
    """100 classes of ImageNet, 600 pictures each, split 64-16-20 (Vinyals et al. 2016; Ravi and Larochelle 2017).

    The published files, brought by the user: see `docs/data.md` for the layouts that are read. Pickles are read without
    running code from them. Pictures are decoded once into the cache, which all workers map into their memory.
    """

    references = ("vinyals2016", "ravi2017")

    path: str = field("mini_imagenet", doc="folder with the published files, or a zip of pictures and their lists")
    size: Count = field(84, doc="height and width in pixels after resizing")
