"""Html as plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.rendering.reading import text_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One\n  two</p><p>three</p>", "One two\n\nthree"),
        ("a<br>b<div>c</div>", "a\nb\nc"),
        ("<h1>Title</h1><ul><li>a</li><li>b</li></ul>after", "Title\n\n- a\n- b\n\nafter"),
        ("<table><tr><td>a</td><td>1</td></tr><tr><td>b</td><td>2</td></tr></table>", "a 1\nb 2"),
        ("<head><title>t</title><style>p{}</style></head><p>x</p><script>y</script>", "x"),
        ("&lt;b&gt; &amp; &eacute;", "<b> & é"),
        ('<a href="https://a.org/x">here</a>', "here (https://a.org/x)"),
        ('<a href="https://a.org">https://a.org/</a>', "https://a.org/"),
        ('<a href="javascript:x">here</a>', "here"),
        ('<img src="cid:x" alt="A chart">', "A chart"),
        ("</p></a></script>x", "x"),
        ("", ""),
    ],
)
def test_what_a_reader_would_see(html, text):
    assert text_of(html) == text


@given(st.text())
def test_any_text_can_be_read(html):
    text_of(html)
