"""MyST Markdown to the plain Markdown that every notebook shows.

markdown-it's tokens say what is where; only the directives, the roles and what else plain Markdown lacks is rewritten,
so that an author's line stays as it was written. What has no plain form stops the tool: nothing raw slips through.
"""

from __future__ import annotations

import ast
import base64
import mimetypes
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from blocks import close_gaps, fenced, fold, margins, quote, split_options
from references import Book, Page, measured, method_picture, quiz, tokens

NOTES = ("note", "warning", "tip", "hint", "important", "caution", "attention", "danger", "error", "seealso")
#: Boxes have a title and content, BARE ones content alone, and those in GONE mean nothing in a notebook.
BOXES = (*NOTES, "admonition", "topic", "sidebar", "margin", "card", "grid-item-card", "tab-item")
BARE = ("grid", "grid-item", "tab-set", "div", "container", "epigraph")
GONE = ("contents", "tableofcontents", "toctree", "raw", "index")
CODE = ("code", "code-block", "sourcecode")
#: Roles of the Python domain, and others that are just text in a notebook.
NAMES = ("func", "class", "meth", "mod", "attr", "data", "exc", "obj", "const", "code", "file", "kbd")
WORDS = {"abbr": "{}", "term": "{}", "sub": "<sub>{}</sub>", "sup": "<sup>{}</sup>", "math": "${}$", "strong": "**{}**"}
FENCE = re.compile(r"^\{([\w:-]+)\} *(.*)$")
TITLED = re.compile(r"^(.*?)\s*<([^<>]+)>$", re.DOTALL)


class Plain:
    """Rewrites the Markdown of one page, and remembers what it cites."""

    def __init__(self, book: Book, page: Page) -> None:
        self.book, self.page = book, page
        self.cites: list[str] = []
        self.figures = 0

    def text(self, source: str) -> str:
        """Return the plain form of some MyST."""
        lines = source.split("\n")
        edits: list[tuple[int, int, list[str]]] = []
        stream = tokens(source)
        spoken: dict[tuple[int, int], list[Any]] = {}
        definitions = 0
        for token in stream:
            kind = token.type
            if kind == "dl_open":
                if not definitions:
                    edits.append((*token.map, self._definitions(lines[slice(*token.map)])))
                definitions += 1
            elif kind == "dl_close":
                definitions -= 1
            elif definitions:
                continue
            elif kind in ("fence", "colon_fence") and (kind == "colon_fence" or token.info.startswith("{")):
                before, after = margins(lines[token.map[0]], token.markup)
                new = self.directive(token.info, token.content).split("\n") if token.info else []
                if lines[token.map[1] : token.map[1] + 1] not in ([], [""]):
                    new.append("")  # else the next block would run on in this one
                edits.append((*token.map, [((after if i else before) + line).rstrip() for i, line in enumerate(new)]))
            elif kind in ("myst_target", "myst_line_comment", "myst_block_break"):
                edits.append((*token.map, []))
            elif kind == "math_block_label":
                before, after = margins(lines[token.map[0]], "$$")
                new = self._equation(token.content, token.info).split("\n")
                edits.append((*token.map, [(after if i else before) + line for i, line in enumerate(new)]))
            elif kind == "inline":
                spoken.setdefault(tuple(token.map), []).extend(token.children)
            elif kind.startswith(("footnote", "substitution", "field_list", "directive")):
                self._refuse(f"{kind} ({token.content[:30]!r})")
        for (begin, end), children in spoken.items():
            edits.append((begin, end, self._line("\n".join(lines[begin:end]), children).split("\n")))
        for begin, end, new in sorted(edits, reverse=True, key=lambda edit: edit[:2]):
            lines[begin:end] = new
        return close_gaps("\n".join(lines))

    def _refuse(self, what: str) -> NoReturn:
        raise ValueError(f"{self.page.name}.md: {what} has no plain form: write it otherwise, or teach tools/plain.py")

    # Blocks

    def directive(self, info: str, content: str) -> str:
        """Return the plain form of a fence ``{name} argument`` with its content."""
        match = FENCE.match(info)
        if not match:
            self._refuse(f"the fence {info!r}")
        name, argument = match[1].removeprefix("py:"), match[2].strip()
        options, body = split_options(content)
        form: Callable[..., str] | None = getattr(self, "_" + name.replace("-", "_") + "_form", None)
        if form:
            return form(argument, options, body)
        if name in GONE:
            return ""
        if name in BARE:
            return self.text(body)
        if name in CODE:
            return fenced(argument, body)
        if name not in BOXES:
            self._refuse(f"the directive {{{name}}}")
        own_title = name not in NOTES
        title = argument if own_title else name.replace("seealso", "see also").capitalize()
        inside = self.text(body if own_title or not argument else f"{argument}\n\n{body}")
        if "dropdown" in options.get("class", ""):
            return fold(self.text(title), inside)
        return quote(f"**{self.text(title)}**\n\n{inside}" if title else inside)

    def _dropdown_form(self, argument: str, options: dict[str, str], body: str) -> str:
        return fold(self.text(argument), self.text(body))

    def _math_form(self, argument: str, options: dict[str, str], body: str) -> str:
        return self._equation("\n".join(part for part in (argument, body) if part), options.get("label", ""))

    def _equation(self, tex: str, label: str) -> str:
        tag = f" \\tag{{{self._target(label).equation}}}" if label else ""
        return f"$$\n{tex.strip()}{tag}\n$$"

    def _image_form(self, argument: str, options: dict[str, str], body: str) -> str:
        if not options.get("alt"):
            self._refuse(f"the image {argument} without :alt:")
        return f"![{options['alt']}]({self._picture(argument)})"

    def _figure_form(self, argument: str, options: dict[str, str], body: str) -> str:
        self.figures += 1
        return f"{self._image_form(argument, options, '')}\n\n**Figure {self.figures}.** {self.text(body)}"

    def _raw_form(self, argument: str, options: dict[str, str], body: str) -> str:
        """A drawing that lies in the page, with links in it, becomes a picture; anything else raw is left out."""
        if not options.get("file", "").endswith(".svg"):
            return ""
        file = (self.book.folder / self.page.name).parent / options["file"]
        said = re.search(r"<desc[^>]*>(.*?)</desc>", file.read_text(encoding="utf-8"), re.DOTALL)
        if not said:
            self._refuse(f"the drawing {options['file']} without <desc>")
        return f"![{' '.join(said[1].split())}]({self._picture(options['file'])})"

    def _picture(self, path: str) -> str:
        """Keep an address as it is; put a file into the notebook, which may travel alone."""
        if re.match(r"^(https?|data):", path):
            return path
        data = (self.book.folder / self.page.name).parent.joinpath(path).read_bytes()
        return f"data:{mimetypes.guess_type(path)[0]};base64,{base64.b64encode(data).decode()}"

    def _table_form(self, argument: str, options: dict[str, str], body: str) -> str:
        caption = f"**{self.text(argument)}**\n\n" if argument else ""
        return caption + self.text(body)

    def _literalinclude_form(self, argument: str, options: dict[str, str], body: str) -> str:
        if unknown := set(options) - {"pyobject", "language", "caption"}:
            self._refuse(f"literalinclude with {', '.join(sorted(unknown))}")
        code = (self.book.folder / self.page.name).parent.joinpath(argument).read_text(encoding="utf-8")
        for part in filter(None, options.get("pyobject", "").split(".")):
            defined = (ast.FunctionDef, ast.ClassDef)
            node = next(n for n in ast.walk(ast.parse(code)) if isinstance(n, defined) and n.name == part)
            code = textwrap.dedent("\n".join(code.split("\n")[node.lineno - 1 : node.end_lineno]))
        return fenced(options.get("language", "python"), code.rstrip())

    def _quiz_form(self, argument: str, options: dict[str, str], body: str) -> str:
        items = quiz.of_chapter(self.book.folder, Path(self.page.name).name)
        if argument not in items:
            raise ValueError(f"{self.page.name}.md: the quiz has no item {argument!r}")
        return self.text(quiz.plain(items[argument]))

    def _measured_form(self, argument: str, options: dict[str, str], body: str) -> str:
        return measured.plain(self.book.folder.parent, argument, options)

    def _method_picture_form(self, argument: str, options: dict[str, str], body: str) -> str:
        svg = method_picture.of_book(self.book.folder, argument)
        address = f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
        return f"![{method_picture.alt()}]({address})\n\n*{method_picture.caption(argument)}*"

    def _bibliography_form(self, argument: str, options: dict[str, str], body: str) -> str:
        return ""  # the cited works are listed at the notebook's end

    def _definitions(self, lines: list[str]) -> list[str]:
        """Write a definition list as a list with bold terms."""
        out: list[str] = []
        block: list[str] = []

        def close() -> None:
            if block:
                body = self.text(textwrap.dedent("\n".join(["  " + block[0], *block[1:]]))).split("\n")
                out.append(out.pop() + " " + body[0])
                out.extend(("  " + line).rstrip() for line in body[1:])
                block.clear()

        for line in lines:
            if line.startswith(":"):
                close()
                block.append(line[1:].strip())
            elif block and (not line.strip() or line.startswith(" ")):
                block.append(line)
            elif line.strip():
                close()
                out.append(f"- **{self.text(line.strip())}**:")
        close()
        return out

    # Within a line

    def _line(self, raw: str, children: list[Any]) -> str:
        """Rewrite roles and links, found one after the other so that code spans stay as they are."""
        out: list[str] = []
        at, opened, empty = 0, "", False
        for child in children:
            if child.type == "link_open":
                opened, empty = str(child.attrs.get("href", "")), True
                continue
            if child.type == "link_close" and child.markup != "linkify":
                pattern, new = self._link(opened, empty)
            else:
                empty = False
                pattern, new = self._spoken(child)
            if not pattern:
                continue
            found = re.compile(pattern).search(raw, at)
            if not found:
                self._refuse(f"{child.type} {child.content!r} over several lines")
            before = raw[at : found.start()]
            if child.type == "link_close" and not new:  # no address: the words alone
                out = [without_bracket("".join(out) + before)]
            else:
                out += [before, found[0] if new is None else new]
            at = found.end()
        return "".join(out) + raw[at:]

    def _spoken(self, child: Any) -> tuple[str, str | None]:
        """Pattern under which a piece is found in its line, and what takes its place (None: it stays)."""
        flexible = r"\s+".join(map(re.escape, child.content.split()))
        if child.type == "code_inline":
            return re.escape(child.markup) + r"\s*" + flexible + r"\s*" + re.escape(child.markup), None
        if child.type == "myst_role":
            name = child.meta["name"]
            return rf"\{{{re.escape(name)}\}}(`+)\s*{flexible}\s*\1", self.role(name, " ".join(child.content.split()))
        if child.type == "image":
            path = str(child.attrs["src"])
            return re.escape(f"]({path})"), f"]({self._picture(path)})"
        if child.type.startswith(("footnote", "substitution")):
            self._refuse(f"{child.type} {child.content!r}")
        return "", None

    def _link(self, href: str, empty: bool) -> tuple[str, str | None]:
        """Send a link within the book to the published page; a link without words takes the title there."""
        page, _, label = href.partition("#")
        if re.match(r"^\w+:", href) or (page and not page.endswith(".md")):
            return "", None
        name = page.removeprefix("/").removesuffix(".md") or self._target(label).page
        if name not in self.book.pages:
            raise ValueError(f"{self.page.name}.md: the link {href} leads to no page")
        title = self.book.pages[name].title if page else self._target(label).title
        goal = re.escape(f"]({href})")
        if empty:
            return r"\[" + goal, self._linked(title, name, label)
        return goal, self._linked("", name, label).removeprefix("[")

    def _linked(self, words: str, page: str, label: str = "") -> str:
        """Words that lead to a page where it has an address, or a notebook of its own; else the words alone."""
        address = self.book.link(page, label)
        own = page == self.page.name and not self.book.site
        return f"[{words}]({address})" if address and not own else words

    def _target(self, label: str) -> Any:
        if label not in self.book.targets:
            raise ValueError(f"{self.page.name}.md: no page has the label {label!r}")
        return self.book.targets[label]

    def role(self, name: str, content: str) -> str:
        """Return the plain form of a role."""
        titled = TITLED.match(content)
        text, goal = (titled[1], titled[2]) if titled else ("", content)
        name = name.removeprefix("py:")
        if name.startswith("cite"):
            return self._citation(name, [key.strip() for key in content.split(",")])
        if name == "eq":
            target = self._target(content)
            there = "" if target.page == self.page.name else f" of {self._linked(target.title, target.page)}"
            return f"({target.equation}){there}"
        if name in ("ref", "numref", "doc"):
            if name == "doc":
                page, label, title = goal.removeprefix("/"), "", self.book.pages[goal.removeprefix("/")].title
            else:
                page, label, title = self._target(goal).page, goal, self._target(goal).title
            return self._linked(text if text and "%s" not in text else title, page, label)
        if name in NAMES:
            return f"`{text or (goal[1:].rpartition('.')[2] if goal.startswith('~') else goal)}`"
        if name not in WORDS:
            self._refuse(f"the role {{{name}}}")
        return WORDS[name].format(re.sub(r"\s*\(.*\)$", "", content) if name == "abbr" else text or goal)

    def _citation(self, role: str, keys: list[str]) -> str:
        self.cites += [key for key in keys if key not in self.cites]
        pairs = [self.book.cited(key) for key in keys]
        if role in ("cite:t", "cite:ts"):
            return "; ".join(f"{who} ({year})" for who, year in pairs)
        return "(" + "; ".join(f"{who} {year}" for who, year in pairs) + ")"

    def references(self) -> str:
        """List what was cited, by name."""
        return "\n".join(f"- {self.book.reference(key)}" for key in sorted(self.cites, key=self.book.cited))


def without_bracket(text: str) -> str:
    """Take away the bracket that a link's words opened, the last that is not closed."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == "]") - (text[at] == "[")
        if depth < 0:
            return text[:at] + text[at + 1 :]
    return text
