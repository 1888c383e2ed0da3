from metaspec.kinds.published import PublishedPictures
from metaspec.spec.base import Count, field


class TieredImagenet(PublishedPictures):
    """608 classes of ImageNet, whose parts share no category above them, split 351-97-160 (Ren et al. 2018).

    The published files, brought by the user: see `docs/data.md` for the layouts that are read. Pickles are read without
    running code from them. Pictures are decoded once into the cache, which all workers map into their memory.
    """

    references = ("ren2018",)

    path: str = field("tiered_imagenet", doc="folder with the published files, or a zip of pictures and their lists")
    size: Count = field(84, doc="height and width in pixels after resizing")
