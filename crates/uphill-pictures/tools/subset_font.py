"""Makes font/UphillSans.ttf from DejaVu Sans: the letters that pictures need, without hints and layout tables.

Needs fonttools (pip install fonttools) and DejaVuSans.ttf 2.37 (Debian: fonts-dejavu-core). The font's licence allows
changed copies under a name without "Bitstream", "Vera", "Tavmjong Bah" and "Arev".

    python3 crates/uphill-pictures/tools/subset_font.py /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
"""

import pathlib
import sys

from fontTools import subset, ttLib

RANGES = [
    (0x20, 0x7E),  # ASCII
    (0xA0, 0x17F),  # Latin with accents
    (0x2B0, 0x2B8), (0x2C6, 0x2DD),  # raised letters, accents
    (0x370, 0x3FF),  # Greek
    (0x400, 0x45F),  # Cyrillic
    (0x1E00, 0x1EFF),  # Latin with more accents: Vietnamese
    (0x2010, 0x2027), (0x2030, 0x205E),  # dashes, quotes, primes
    (0x2070, 0x209C),  # raised and lowered digits
    (0x20AC, 0x20AC),
    (0x2100, 0x214F),  # letterlike: ℝ
    (0x2150, 0x215F),  # fractions
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # operators
    (0x25A0, 0x25FF),  # shapes
]

source = pathlib.Path(sys.argv[1])
target = pathlib.Path(__file__).parent.parent / "font" / "UphillSans.ttf"
options = subset.Options(
    hinting=False, layout_features=[], name_IDs=[], notdef_outline=True, glyph_names=False, desubroutinize=True
)
options.drop_tables += ["GSUB", "GPOS", "GDEF", "kern", "FFTM", "gasp"]
font = subset.load_font(str(source), options)
worker = subset.Subsetter(options)
worker.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
worker.subset(font)
names = ttLib.newTable("name")
names.names = []
notice = (
    "Copyright (c) 2003 by Bitstream, Inc. All Rights Reserved. Copyright (c) 2006 by Tavmjong Bah. "
    "DejaVu changes are in public domain. A subset of DejaVu Sans 2.37: see LICENSE beside this file."
)
for number, text in [(0, notice), (1, "Uphill Sans"), (2, "Regular"), (4, "Uphill Sans"), (6, "UphillSans")]:
    names.setName(text, number, 3, 1, 0x409)
font["name"] = names
font["head"].modified = font["head"].created  # The same bytes whenever this runs.
font.recalcTimestamp = False
target.parent.mkdir(exist_ok=True)
font.save(str(target))
print(target, target.stat().st_size, "bytes")
