"""E05xx: data sets and files."""

from metaspec.diagnostics.codes.entry import Entry

ENTRIES = {
    "E0501": Entry(
        "data not found",
        "A relative path is looked up beside the file that holds it, then under $METASPEC_DATA; it "
        "may be a folder or a zip file. `metaspec data fetch NAME` downloads the public sets.",
        'language 1\ntask faces = fewshot { data = image_folder { path = "no/such/folder" } }\n',
        'language 1\ntask faces = fewshot { data = image_folder { path = "data/faces" } }\n',
    ),
    "E0502": Entry(
        "data cannot be read",
        "A file is broken, in a format that cannot be read, or may not be read by this user; the message names it. Nothing "
        "is skipped silently.",
        'language 1\ntask faces = fewshot { data = arrays { path = "cut_off.npz" } }\n',
        'language 1\ntask faces = fewshot { data = arrays { path = "faces.npz" } }\n',
    ),
    "E0503": Entry(
        "not enough classes or examples",
        "A task draws `ways` classes from its split, and `shots + queries` different items from each of them.",
        "language 1\ntask characters = fewshot { data = glyphs {}, ways = 5_000 }\n",
        "language 1\ntask characters = fewshot { data = glyphs {}, ways = 5 }\n",
    ),
    "E0504": Entry(
        "splits share classes",
        "Training, validation and test never share a class, its rotations included; otherwise the "
        "test figure says nothing about new classes.",
        "# with faces/train/anna and faces/test/anna\n"
        'task faces = fewshot { data = image_folder { path = "faces", split = folders {} } }\n',
        "# the same, every folder divided by class\n"
        'task faces = fewshot { data = image_folder { path = "faces", split = fractions {} } }\n',
    ),
    "E0505": Entry(
        "run cannot be loaded",
        '`load("runs/x")` takes a value from what a finished run has learned for the same field. The folder is looked up '
        "beside the file that names it, then where the command is called. A learned optimizer's weights fit one of the "
        "same kind and sizes.",
        'language 1\ntask bowl = problems { set = bowl }\ninner = small_fc { weights = load("no/such/run") }\n'
        "metagrad = truncated { window = 20 }\nouter = adam {}\ntrain { iterations = 0 }\n",
        "language 1\ntask bowl = problems { set = bowl }\ninner = small_fc { weights = learned(random) }\n"
        "metagrad = truncated { window = 20 }\nouter = adam {}\n",
    ),
}
