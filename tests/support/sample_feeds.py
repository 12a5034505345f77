"""Feeds in exactly the form in which arXiv serves them, with invented papers by invented authors."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

_CC_BY = "http://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True)
class Item:
    """One entry; texts are what a reader sees, not yet escaped."""

    arxiv_id: str = "2602.00001"
    version: int = 1
    type: str = "new"
    title: str = "A Paper"
    abstract: str = "An abstract."
    creator: str = "A. One, B. Two"
    categories: tuple[str, ...] = ("cs.CL",)


PLAIN = Item()
REPLACED = Item(
    arxiv_id="2601.00002",
    version=3,
    type="replace-cross",
    title=r"$\alpha$-Probes: Let's <think> about Poincar\'e",
    abstract=r"We show that $0<a<b$ holds for 99\% of R&D.",
    creator=r"C. Thr{\'e}e (Example University, Example Town), D. Four",
    categories=("stat.ML", "cs.CL", "cs.LG"),
)


def rss(*items: Item, category: str = "cs.CL") -> bytes:
    """Return an RSS 2.0 feed of Tuesday 17 February 2026."""
    entries = "".join(_rss_item(item) for item in items)
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" version="2.0">
  <channel>
    <title>{category} updates on arXiv.org</title>
    <link>http://rss.arxiv.org/rss/{category}</link>
    <description>{category} updates on the arXiv.org e-print archive.</description>
    <atom:link href="http://rss.arxiv.org/rss/{category}" rel="self" type="application/rss+xml"/>
    <docs>http://www.rssboard.org/rss-specification</docs>
    <language>en-us</language>
    <lastBuildDate>Tue, 17 Feb 2026 05:00:03 +0000</lastBuildDate>
    <managingEditor>rss-help@arxiv.org</managingEditor>
    <pubDate>Tue, 17 Feb 2026 00:00:00 -0500</pubDate>
    <skipDays>
      <day>Sunday</day>
      <day>Saturday</day>
    </skipDays>
{entries}  </channel>
</rss>
""".encode()


def _rss_item(item: Item) -> str:
    categories = "\n".join(f"      <category>{category}</category>" for category in item.categories)
    return f"""    <item>
      <title>{escape(item.title)}</title>
      <link>https://arxiv.org/abs/{item.arxiv_id}</link>
      <description>{escape(_summary(item))}</description>
      <guid isPermaLink="false">oai:arXiv.org:{item.arxiv_id}v{item.version}</guid>
{categories}
      <pubDate>Tue, 17 Feb 2026 00:00:00 -0500</pubDate>
      <arxiv:announce_type>{item.type}</arxiv:announce_type>
      <dc:rights>{_CC_BY}</dc:rights>
      <dc:creator>{escape(item.creator)}</dc:creator>
    </item>
"""


def atom(*items: Item, category: str = "cs.CL", separate_authors: bool = False) -> bytes:
    """Return an Atom feed of the same day; ``separate_authors`` writes an author element for each name."""
    entries = "".join(_atom_entry(item, separate_authors=separate_authors) for item in items)
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us">
  <id>http://rss.arxiv.org/atom/{category}</id>
  <title>{category} updates on arXiv.org</title>
  <updated>2026-02-17T05:00:03.123456+00:00</updated>
  <link href="http://rss.arxiv.org/atom/{category}" rel="self" type="application/atom+xml"/>
  <subtitle>{category} updates on the arXiv.org e-print archive.</subtitle>
{entries}</feed>
""".encode()


def _atom_entry(item: Item, *, separate_authors: bool) -> str:
    categories = "\n".join(f'    <category term="{category}"/>' for category in item.categories)
    authors = f"<dc:creator>{escape(item.creator)}</dc:creator>"
    if separate_authors:
        authors = "".join(f"<author><name>{escape(name)}</name></author>" for name in item.creator.split(", "))
    return f"""  <entry>
    <id>oai:arXiv.org:{item.arxiv_id}v{item.version}</id>
    <title>{escape(item.title)}</title>
    <updated>2026-02-17T05:00:03.234567+00:00</updated>
    <link href="https://arxiv.org/abs/{item.arxiv_id}" rel="alternate" type="text/html"/>
    <summary>{escape(_summary(item))}</summary>
{categories}
    <published>2026-02-17T00:00:00-05:00</published>
    <arxiv:announce_type>{item.type}</arxiv:announce_type>
    <dc:rights>{_CC_BY}</dc:rights>
    {authors}
  </entry>
"""


def _summary(item: Item) -> str:
    return f"arXiv:{item.arxiv_id}v{item.version} Announce Type: {item.type} \nAbstract: {item.abstract}"


def rdf(*titles: str) -> bytes:
    """Return an RSS 1.0 feed of cs.CL, built on the evening of Wednesday 10 January 2024, with a title an entry."""
    items = "".join(_rdf_item(title) for title in titles)
    return f"""<?xml version="1.0" encoding="UTF-8"?>

<rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
>

<channel rdf:about="http://arxiv.org/">
<title>cs.CL updates on arXiv.org</title>
<link>http://arxiv.org/</link>
<description rdf:parseType="Literal">Computation and Language (cs.CL) updates on arXiv.org</description>
<dc:date>2024-01-10T20:30:00-05:00</dc:date>
<items><rdf:Seq></rdf:Seq></items>
<image rdf:resource="http://arxiv.org/icons/sfx.gif" />
</channel>
<image rdf:about="http://arxiv.org/icons/sfx.gif">
<title>arXiv.org</title>
<url>http://arxiv.org/icons/sfx.gif</url>
<link>http://arxiv.org/</link>
</image>
{items}</rdf:RDF>
""".encode()


def _rdf_item(title: str) -> str:
    creator = (
        '<a href="http://arxiv.org/find/cs/1/au:+One_A/0/1/0/all/0/1">A. One</a>, <a href="http://x.y">B. T&#xe9;</a>'
    )
    return f"""<item rdf:about="http://arxiv.org/abs/2401.00001">
<title>{escape(title)}</title>
<link>http://arxiv.org/abs/2401.00001</link>
<description rdf:parseType="Literal">&lt;p&gt;An abstract on
two lines &amp;amp; more.&lt;/p&gt;
</description>
<dc:creator> {escape(creator, {'"': "&quot;"})}</dc:creator>
</item>
"""
