"""Make the fonts of the cards from their makers' files: only the characters that we draw, no layout tables.

Needs fonttools, which the program itself does not:

    python .ci/make_fonts.py FOLDER_OF_ORIGINALS bot/threads/cards/fonts

``bot/threads/cards/fonts/README.md`` says where the originals come from. Pillow's own layout reads pairs of letters
from the old ``kern`` table alone, so those of the Latin letters are copied there.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._k_e_r_n import KernTable_format_0

TEXT = [*range(0x20, 0x2000), *range(0x2010, 0x2070), *range(0x2070, 0x2200), *range(0xFB00, 0xFB07)]
MATH = [*range(0x2000, 0x2C00), *range(0x1D400, 0x1D800), *range(0x300, 0x370)]
EMOJI = [*range(0x2100, 0x3300), *range(0x1F000, 0x1FB00)]
KERNED = {chr(code) for code in range(0x21, 0x7F)} | set("ÀÁÂÄÅÇÉÈÊËÖÓÔØÜÚàáâäåãçéèêëíîïñöóôõøüúßšžčćłń‘’“”–—")
NATIONAL = {"gb2312": 0xF7, "euc_jp": 0xF4, "euc_kr": 0xFD, "big5": 0xC6}  # and their last rows
DROPPED = ["GPOS", "GSUB", "GDEF", "DSIG", "STAT", "MATH", "meta"]
MOST_PAIRS = 10_000  # the table counts in 16 bits


def cjk() -> list[int]:
    """Return the characters of the national sets of China, Taiwan, Japan and Korea."""
    found = set(range(0x3000, 0x3100)) | set(range(0xFF00, 0xFFF0)) | set(range(0x3130, 0x3190))
    sets = {
        "gb2312": range(0xA1, 0xF8),
        "euc_jp": range(0xA1, 0xF5),
        "euc_kr": range(0xA1, 0xFE),
        "big5": range(0xA1, 0xC7),
    }
    for name, rows in sets.items():
        for row in rows:
            for cell in [*range(0x40, 0x7F), *range(0xA1, 0xFF)]:
                text = bytes([row, cell]).decode(name, errors="ignore")
                found.update(ord(letter) for letter in text if ord(letter) >= 0x2E80)  # noqa: PLR2004
    return sorted(found)


FONTS = {
    "Literata-SemiBold.ttf": ("Literata_600SemiBold.ttf", TEXT),
    "Literata-Regular.ttf": ("Literata_400Regular.ttf", TEXT),
    "Inter-Medium.ttf": ("Inter_500Medium.ttf", TEXT),
    "NotoSansMath-Regular.ttf": ("NotoSansMath-Regular.ttf", MATH),
    "NotoEmoji-Medium.ttf": ("NotoEmoji_500Medium.ttf", EMOJI),
    "DroidSansFallback.ttf": ("DroidSansFallback.ttf", cjk()),
}


def pairs(font: TTFont) -> dict[tuple[str, str], int]:
    """Return by how much pairs of Latin letters are moved together, in the units of the font."""
    names = {glyph for code, glyph in font.getBestCmap().items() if chr(code) in KERNED}
    found: dict[tuple[str, str], int] = {}
    if "GPOS" not in font:
        return found
    table = font["GPOS"].table
    kerning = {
        index
        for item in table.FeatureList.FeatureRecord
        if item.FeatureTag == "kern"
        for index in item.Feature.LookupListIndex
    }
    for index in sorted(kerning):
        for subtable in table.LookupList.Lookup[index].SubTable:
            plain = getattr(subtable, "ExtSubTable", subtable)
            if plain.LookupType == 2:  # noqa: PLR2004 - pairs
                for pair, value in of_subtable(plain, names):
                    found.setdefault(pair, value)
    return {pair: value for pair, value in found.items() if value}


def of_subtable(table: Any, names: set[str]) -> Iterable[tuple[tuple[str, str], int]]:
    """Yield the pairs of one subtable: of single letters (format 1) or of classes of letters (format 2)."""
    firsts = [glyph for glyph in table.Coverage.glyphs if glyph in names]
    if table.Format == 1:
        for first in firsts:
            for record in table.PairSet[table.Coverage.glyphs.index(first)].PairValueRecord:
                if record.SecondGlyph in names:
                    yield (first, record.SecondGlyph), advance(record.Value1)
        return
    for first in firsts:
        row = table.Class1Record[table.ClassDef1.classDefs.get(first, 0)]
        for second in sorted(names):
            yield (first, second), advance(row.Class2Record[table.ClassDef2.classDefs.get(second, 0)].Value1)


def advance(value: Any) -> int:
    """Return what a value adds to the way to the next letter."""
    return getattr(value, "XAdvance", 0) or 0 if value else 0


def make(source: Path, target: Path, characters: Iterable[int]) -> None:
    """Write a font with these characters alone."""
    font = TTFont(source, recalcTimestamp=False)
    kerning = pairs(font)
    options = Options(
        layout_features=[],
        hinting=False,
        notdef_outline=True,
        name_IDs=["*"],
        drop_tables=["GPOS", "GSUB", "GDEF", "DSIG", "STAT", "MATH", "meta"],
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    if kerning:
        largest = sorted(kerning.items(), key=lambda item: -abs(item[1]))[:MOST_PAIRS]
        table = font["kern"] = newTable("kern")
        part = KernTable_format_0(apple=False)
        part.coverage, part.tupleIndex = 1, None
        part.kernTable = dict(largest)
        table.version, table.kernTables = 0, [part]
    font.save(target)
    print(f"{target.name}: {len(font.getBestCmap())} characters, {len(kerning)} pairs, {target.stat().st_size:,} bytes")  # noqa: T201


if __name__ == "__main__":
    originals, out = map(Path, sys.argv[1:])
    for name, (original, wanted) in FONTS.items():
        make(originals / original, out / name, wanted)
