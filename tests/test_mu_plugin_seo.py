"""wordpress/relaypress.php beside SEO plugins and in sitemaps.

The real plugins cannot be had here: tests/data/seo has stand-ins, our own, that do what their sources do.
"""

import json

import pytest

from tests.relayed import canonicals, page_of, relay, robots

pytestmark = pytest.mark.wordpress

UNLISTED = ({"relay_noindex": "1"}, {"relay_canonical": "source"})
DESCRIPTION_OF = {"yoast": "_yoast_wpseo_metadesc", "rank-math": "rank_math_description"}
CANONICAL_OF = {"yoast": "_yoast_wpseo_canonical", "rank-math": "rank_math_canonical_url"}
NOINDEX_OF = {
    "yoast": ("_yoast_wpseo_meta-robots-noindex", "1"),
    "rank-math": ("rank_math_robots", "noindex"),
}


@pytest.mark.parametrize("beside", ["yoast", "rank-math"])
class TestBesideAnSeoPlugin:
    def test_it_shows_the_fields_that_came_with_the_post(self, extended, beside):
        fields = {DESCRIPTION_OF[beside]: "Un phare", CANONICAL_OF[beside]: "https://chosen.example/"}
        page = page_of(relay(extended, beside=beside, fields=fields).url, beside=beside)
        assert page.select_one('meta[name="description"]')["content"] == "Un phare"
        assert canonicals(page) == ["https://chosen.example/"]
        assert "noindex" not in robots(page)

    def test_its_own_field_hides_the_post(self, extended, beside):
        fields = dict([NOINDEX_OF[beside]])
        page = page_of(relay(extended, beside=beside, fields=fields).url, beside=beside)
        assert "noindex" in robots(page)
        assert canonicals(page) == []

    def test_it_keeps_the_posts_own_address_unless_asked(self, extended, beside):
        post = relay(extended, beside=beside)
        assert canonicals(page_of(post.url, beside=beside)) == [post.url]

    def test_one_canonical_link_leads_to_the_source(self, extended, beside):
        source = "https://source.example/caf%C3%A9?a=1%262&b=c+d"
        fields = {"relay_canonical": "source", "relay_source_url": source}
        page = page_of(relay(extended, beside=beside, fields=fields).url, beside=beside)
        assert canonicals(page) == [source]

    def test_an_address_in_its_own_field_comes_first(self, extended, beside):
        fields = {"relay_canonical": "source", CANONICAL_OF[beside]: "https://chosen.example/"}
        page = page_of(relay(extended, beside=beside, fields=fields).url, beside=beside)
        assert canonicals(page) == ["https://chosen.example/"]

    def test_noindex(self, extended, beside):
        page = page_of(relay(extended, beside=beside, fields={"relay_noindex": "1"}).url, beside=beside)
        assert "noindex" in robots(page)
        assert " index" not in f" {robots(page)}"
        assert canonicals(page) == []

    def test_its_sitemap_leaves_out_what_is_hidden_or_shown_elsewhere(self, extended, beside):
        name = {"yoast": "wpseo_sitemap_entry", "rank-math": "rank_math/sitemap/entry"}[beside]
        posts = [relay(extended, fields=fields) for fields in ({}, *UNLISTED)]
        asked = ", ".join(f"get_post({post.id})" for post in posts)
        told = extended.php(f"""foreach (array({asked}) as $post) {{
            $told[] = (bool) apply_filters('{name}', array('loc' => get_permalink($post)), 'post', $post); }}
            echo json_encode($told);""")
        assert json.loads(told) == [True, False, False]


def test_the_sitemap_of_wordpress_leaves_out_what_is_hidden_or_shown_elsewhere(extended):
    listed, hidden, elsewhere = (relay(extended, fields=fields).url for fields in ({}, *UNLISTED))
    own = extended.php(
        "echo get_permalink(wp_insert_post(array('post_title' => 'own', 'post_status' => 'publish')));"
    )
    sitemap = [
        loc.get_text() for loc in page_of(f"{extended.url}/wp-sitemap-posts-post-1.xml").find_all("loc")
    ]
    assert {listed, own} <= set(sitemap)
    assert not {hidden, elsewhere} & set(sitemap)
