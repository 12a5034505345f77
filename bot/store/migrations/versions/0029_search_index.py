"""An index of words for search, and the sizes of the queues, both kept by triggers.

SQLite files each paper in two full-text tables, by its title and by all its words. They store no text. The number of
a paper grows with its day and its id, so the newest are found first; a paper without a day comes last. PostgreSQL
needs two indexes over an expression. Both take ASCII words as they are. What else a text has goes through
``bot.domain.folding``, which no database knows: ``bot.store.search_index`` files these words, and until then the paper
is ``unread`` and searched by reading it. On SQLite, a later migration that rebuilds ``papers`` or ``candidates`` must
make the triggers anew.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_PORTION = 50_000
_BEGINNINGS = "1 3 5"  # as in bot.store.search_index


def upgrade() -> None:
    for column in ("sent_at", "removed_at"):
        op.create_index(op.f(f"ix_posts_{column}"), "posts", [column])
    op.create_table(
        "queue_sizes",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "state", name=op.f("pk_queue_sizes")),
    )
    op.execute(
        "INSERT INTO queue_sizes (channel, state, size) SELECT channel, state, count(*) FROM candidates "
        "GROUP BY channel, state"
    )
    if op.get_bind().dialect.name == "sqlite":
        _count_on_sqlite()
        _index_on_sqlite()
    else:
        _count_on_postgres()
        _index_on_postgres()


def _say(words: str) -> None:
    say = context.config.attributes.get("say")
    if say is not None:
        say(words)


def _counted(row: str, by: int) -> str:
    return (
        f"INSERT INTO queue_sizes (channel, state, size) VALUES ({row}.channel, {row}.state, {by}) "
        f"ON CONFLICT (channel, state) DO UPDATE SET size = queue_sizes.size + ({by});"
    )


def _count_on_sqlite() -> None:
    op.execute(f"CREATE TRIGGER queue_sizes_add AFTER INSERT ON candidates BEGIN {_counted('NEW', 1)} END")
    op.execute(f"CREATE TRIGGER queue_sizes_take AFTER DELETE ON candidates BEGIN {_counted('OLD', -1)} END")
    op.execute(
        "CREATE TRIGGER queue_sizes_move AFTER UPDATE OF state, channel ON candidates "
        f"BEGIN {_counted('OLD', -1)} {_counted('NEW', 1)} END"
    )


def _count_on_postgres() -> None:
    op.execute(
        "CREATE FUNCTION picks_count_queue() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN {_counted('OLD', -1)} END IF; "
        f"IF TG_OP <> 'DELETE' THEN {_counted('NEW', 1)} END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER queue_sizes_change AFTER INSERT OR DELETE OR UPDATE OF state, channel ON candidates "
        "FOR EACH ROW EXECUTE FUNCTION picks_count_queue()"
    )


def _all_words(row: str) -> str:
    return f"{row}.title || ' ' || {row}.abstract || ' ' || {row}.authors || ' ' || {row}.arxiv_id"


def _is_odd(row: str) -> str:
    """Return the condition that a paper has other characters than ASCII's; in JSON they stand behind a backslash."""
    return f"({row}.title || {row}.abstract || {row}.authors GLOB '*[^ -~]*' OR {row}.authors GLOB '*\\*')"


def _number(row: str) -> str:
    """Return a paper's number: its day with room for 10^10, then its id; ids of before 2007 come behind the others."""
    first = f"(coalesce(CAST(julianday({row}.announced) AS INTEGER), 0) * 10000000000)"
    digits = f"replace({row}.arxiv_id, '.', '')"
    plain = f"({first} + CAST({digits} AS INTEGER))"
    is_plain = f"{_is_plain(row)} AND NOT EXISTS (SELECT 1 FROM search_papers WHERE number = {plain})"
    return (
        f"CASE WHEN {is_plain} THEN {plain} ELSE coalesce((SELECT max(number) + 1 FROM search_papers "
        f"WHERE number BETWEEN {first} + 1000000000 AND {first} + 9999999999), {first} + 1000000000) END"
    )


def _is_plain(row: str) -> str:
    digits = f"replace({row}.arxiv_id, '.', '')"
    return f"({digits} NOT GLOB '*[^0-9]*' AND length({digits}) < 10)"


def _filed(row: str) -> str:
    """Return the statements that file a row of ``papers``."""
    title, words = (
        f"INSERT INTO {table} (rowid, words) SELECT number, {raw} FROM search_papers WHERE arxiv_id = {row}.arxiv_id;"
        for table, raw in (("search_titles", f"{row}.title"), ("search_texts", _all_words(row)))
    )
    numbered = (
        f"INSERT INTO search_papers (number, arxiv_id, unread) VALUES ({_number(row)}, {row}.arxiv_id, {_is_odd(row)});"
    )
    return f"{numbered} {title} {words}"


def _taken_out(row: str) -> str:
    """Return the statements that forget a row of ``papers``: what is deleted must be the words that were filed."""
    title, words = (
        f"INSERT INTO {table} ({table}, rowid, words) SELECT 'delete', number, {raw} || {more} FROM search_papers "
        f"WHERE arxiv_id = {row}.arxiv_id;"
        for table, raw, more in (
            ("search_titles", f"{row}.title", "more_title"),
            ("search_texts", _all_words(row), "more"),
        )
    )
    return f"{title} {words} DELETE FROM search_papers WHERE arxiv_id = {row}.arxiv_id;"


def _filed_anew() -> str:
    """Return the statements that file a paper with the words that were found in it beside ASCII's."""
    source = "FROM papers WHERE arxiv_id = NEW.arxiv_id;"
    return " ".join(
        f"INSERT INTO {table} ({table}, rowid, words) SELECT 'delete', OLD.number, {raw} || OLD.{more} {source} "
        f"INSERT INTO {table} (rowid, words) SELECT NEW.number, {raw} || NEW.{more} {source}"
        for table, raw, more in (
            ("search_titles", "papers.title", "more_title"),
            ("search_texts", _all_words("papers"), "more"),
        )
    )


def _index_on_sqlite() -> None:
    if not op.get_bind().exec_driver_sql("SELECT sqlite_compileoption_used('ENABLE_FTS5')").scalar():
        _say("this SQLite has no full-text index (FTS5): search will read all papers, as before")
        return
    op.execute(
        "CREATE TABLE search_papers (number INTEGER NOT NULL PRIMARY KEY, arxiv_id VARCHAR(32) NOT NULL UNIQUE, "
        "more_title TEXT DEFAULT '' NOT NULL, more TEXT DEFAULT '' NOT NULL, unread BOOLEAN DEFAULT 0 NOT NULL)"
    )
    op.execute("CREATE INDEX search_papers_unread ON search_papers (arxiv_id) WHERE unread")
    for table in ("search_titles", "search_texts"):
        op.execute(
            f"CREATE VIRTUAL TABLE {table} USING fts5(words, content='', detail=none, "
            f"prefix='{_BEGINNINGS}', tokenize='ascii')"
        )
    _file_all()
    kept = ("arxiv_id", "title", "abstract", "authors", "announced")
    changed = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in kept)
    op.execute(f"CREATE TRIGGER search_add AFTER INSERT ON papers BEGIN {_filed('NEW')} END")
    op.execute(
        f"CREATE TRIGGER search_take AFTER DELETE ON papers WHEN {_is_text('OLD')} BEGIN {_taken_out('OLD')} END"
    )
    op.execute(
        f"CREATE TRIGGER search_change AFTER UPDATE OF {', '.join(kept)} ON papers "
        f"WHEN ({changed}) AND {_is_text('OLD')} AND {_is_text('NEW')} "
        f"BEGIN {_taken_out('OLD')} {_filed('NEW')} END"
    )
    # The words of a packed abstract cannot be taken out: they stay filed, and whoever searches looks at the text.
    op.execute(
        f"CREATE TRIGGER search_take_packed AFTER DELETE ON papers WHEN NOT {_is_text('OLD')} "
        "BEGIN DELETE FROM search_papers WHERE arxiv_id = OLD.arxiv_id; END"
    )
    op.execute(
        f"CREATE TRIGGER search_change_packed AFTER UPDATE OF {', '.join(kept)} ON papers "
        f"WHEN ({changed}) AND NOT {_is_text('OLD')} "
        "BEGIN UPDATE search_papers SET unread = 1 WHERE arxiv_id = OLD.arxiv_id; END"
    )
    op.execute("CREATE INDEX search_unpacked ON papers (text_day) WHERE typeof(abstract) = 'text'")
    op.execute(
        f"CREATE TRIGGER search_read AFTER UPDATE OF more_title, more ON search_papers BEGIN {_filed_anew()} END"
    )


def _is_text(row: str) -> str:
    """Return the condition that a paper's abstract is not packed; see ``bot.store.packing``."""
    return f"typeof({row}.abstract) = 'text'"


def _file_all() -> None:
    """File what is stored already: first the numbers, then the words, in the order of the numbers."""
    numbered = (
        "INSERT INTO search_papers (number, arxiv_id, unread) "
        f"SELECT {_number('papers')}, papers.arxiv_id, {_is_odd('papers')} FROM papers"
    )
    connection = op.get_bind()
    total = connection.exec_driver_sql("SELECT count(*) FROM papers").scalar() or 0
    connection.exec_driver_sql(f"{numbered} WHERE {_is_plain('papers')}")
    others = connection.exec_driver_sql(f"SELECT arxiv_id FROM papers WHERE NOT {_is_plain('papers')}").fetchall()
    for row in others:  # each number depends on those before it
        connection.exec_driver_sql(f"{numbered} WHERE arxiv_id = ?", tuple(row))
    done, last = 0, -1
    while done < total:
        portion = (
            "FROM search_papers JOIN papers ON papers.arxiv_id = search_papers.arxiv_id "
            f"WHERE number > {last} ORDER BY number LIMIT {_PORTION}"
        )
        op.execute(f"INSERT INTO search_titles (rowid, words) SELECT number, papers.title {portion}")
        op.execute(f"INSERT INTO search_texts (rowid, words) SELECT number, {_all_words('papers')} {portion}")
        ends = f"SELECT max(number) FROM (SELECT number FROM search_papers WHERE number > {last} ORDER BY number "
        last = connection.exec_driver_sql(f"{ends} LIMIT {_PORTION})").scalar_one()
        done = min(total, done + _PORTION)
        _say(f"filed for search: {done:,} of {total:,} papers")


_SPLIT = """
SELECT array_to_tsvector(ARRAY(
    SELECT DISTINCT left(word, 200)
    FROM regexp_split_to_table(lower($1 COLLATE "C"), '[^a-z0-9]+') AS word WHERE word <> ''
))
"""

_MARK = """
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (OLD.title, OLD.abstract, OLD.authors::text, OLD.arxiv_id)
            IS NOT DISTINCT FROM (NEW.title, NEW.abstract, NEW.authors::text, NEW.arxiv_id) THEN
            RETURN NULL;
        END IF;
        DELETE FROM search_papers WHERE arxiv_id = OLD.arxiv_id;
    END IF;
    INSERT INTO search_papers (arxiv_id) SELECT NEW.arxiv_id WHERE {odd};
    RETURN NULL;
END
"""


def _index_on_postgres() -> None:
    odd = "({0}.title || {0}.abstract || {0}.authors::text) COLLATE \"C\" ~ '[^ -~]|\\\\'"
    op.execute(
        "CREATE FUNCTION picks_words(text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 2000 "
        f"AS $${_SPLIT}$$"
    )
    op.create_table(
        "search_papers",
        sa.Column("arxiv_id", sa.String(length=32), sa.ForeignKey("papers.arxiv_id", ondelete="CASCADE")),
        sa.Column("title", sa.dialects.postgresql.TSVECTOR(), server_default="", nullable=False),
        sa.Column("words", sa.dialects.postgresql.TSVECTOR(), server_default="", nullable=False),
        sa.Column("unread", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("arxiv_id"),
    )
    op.execute(f"INSERT INTO search_papers (arxiv_id) SELECT arxiv_id FROM papers WHERE {odd.format('papers')}")
    for name, on in {
        "search_papers_unread": "search_papers (arxiv_id) WHERE unread",
        "search_papers_title": "search_papers USING gin (title)",
        "search_papers_words": "search_papers USING gin (words)",
        "search_newest": 'papers (announced DESC NULLS LAST, arxiv_id COLLATE "C" DESC)',
        "search_titles": "papers USING gin (picks_words(title))",
        "search_texts": f"papers USING gin (picks_words({_all_words('papers').replace('papers.authors', 'CAST(papers.authors AS text)')}))",
    }.items():
        _say(f"making the index {name}")
        op.execute(f"CREATE INDEX {name} ON {on}")
    op.execute(
        f"CREATE FUNCTION picks_mark_odd() RETURNS trigger LANGUAGE plpgsql AS $${_MARK.format(odd=odd.format('NEW'))}$$"
    )
    op.execute(
        "CREATE TRIGGER search_change AFTER INSERT OR UPDATE OF arxiv_id, title, abstract, authors ON papers "
        "FOR EACH ROW EXECUTE FUNCTION picks_mark_odd()"
    )
