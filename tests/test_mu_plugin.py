"""wordpress/relaypress.php, in a WordPress of its own that has it, and in the shared one that has not."""

import json
from datetime import UTC, datetime

import bs4
import pytest

from bot.checkup import Level, Visit
from bot.engines.wordpress.examination import ExaminedWordPress
from tests.conftest import RealWordPress
from tests.contracts.site import new_key
from tests.relayed import SOURCE, canonicals, configured, page_of, relay, robots

pytestmark = pytest.mark.wordpress

SEO_FIELDS = {
    "_yoast_wpseo_title": "Titre — SEO",
    "_yoast_wpseo_metadesc": "Une “description”",
    "_yoast_wpseo_canonical": SOURCE,
    "_yoast_wpseo_meta-robots-noindex": "1",
    "_yoast_wpseo_focuskw": "phare",
    "_yoast_wpseo_primary_category": "1",
    "rank_math_title": "Titre",
    "rank_math_description": "Une description",
    "rank_math_canonical_url": SOURCE,
    "rank_math_focus_keyword": "phare",
    "rank_math_primary_category": "1",
}
DOCTORS_FIELDS = SEO_FIELDS | {
    "_yoast_wpseo_title": "{{ title }} — SEO",  # written anew for each post
    "_yoast_wpseo_canonical": "{{ source_url }}",
    "rank_math_canonical_url": "{{ source_url }}",
    "rank_math_robots": "noindex,nofollow",
}


def told(page: bs4.BeautifulSoup) -> list[dict]:
    return [json.loads(tag.string) for tag in page.select("script.relaypress")]


def fields_of(wordpress: RealWordPress, post_id: str) -> dict:
    return json.loads(wordpress.php(f"echo json_encode(get_post_meta({int(post_id)}));"))


def test_a_post_says_what_it_is_based_on_and_who_translated_it(extended):
    html = '<div class="relaypress" lang="fr" dir="ltr" data-relay-key="k"><p>Texte</p></div>'
    post = relay(extended, html=html, title="L’été &amp; “&lt;/script&gt;”", picture=True)
    (data,) = told(page_of(post.url))
    assert data["@type"] == "NewsArticle"
    assert data["headline"] == "L’été & “</script>”"
    assert data["url"] == data["mainEntityOfPage"] == post.url
    assert data["inLanguage"] == "fr"
    assert data["isBasedOn"] == SOURCE
    assert data["translationOfWork"] == {"@type": "NewsArticle", "url": SOURCE, "inLanguage": "en"}
    assert (data["translator"]["@type"], data["translator"]["name"]) == ("SoftwareApplication", "Relaypress")
    assert data["translator"]["softwareAddOn"]["name"] == "google"
    assert data["image"].startswith(extended.url)
    assert data["datePublished"].endswith("+00:00")
    assert data["publisher"]["url"] == f"{extended.url}/"


def test_what_no_engine_translated_is_called_no_translation(extended):
    (data,) = told(page_of(relay(extended, fields={"relay_engine": ""}).url))
    assert data["isBasedOn"] == SOURCE
    assert not {"translationOfWork", "translator"} & data.keys()


def test_canonical_and_robots_stay_the_sites_own_unless_asked(extended):
    post = relay(extended)
    page = page_of(post.url)
    assert canonicals(page) == [post.url]
    assert "noindex" not in robots(page)


def test_canonical_to_the_source(extended):
    assert canonicals(page_of(relay(extended, fields={"relay_canonical": "source"}).url)) == [SOURCE]


def test_no_canonical_to_what_is_no_web_address(extended):
    post = relay(extended, fields={"relay_canonical": "source", "relay_source_url": "javascript:alert(1)"})
    page = page_of(post.url)
    assert canonicals(page) == [post.url]
    assert "isBasedOn" not in told(page)[0]


def test_noindex(extended):
    assert "noindex" in robots(page_of(relay(extended, fields={"relay_noindex": "1"}).url))
    assert "noindex" not in robots(page_of(relay(extended, fields={"relay_noindex": "0"}).url))


def test_other_posts_and_lists_are_left_alone(extended):
    relay(extended, fields={"relay_noindex": "1"})
    code = "echo get_permalink(wp_insert_post(array('post_title' => 'own', 'post_content' => 'x', 'post_status' => 'publish',"
    own = extended.php(
        f"{code} 'meta_input' => array('relay_canonical' => 'source', 'relay_noindex' => '1', 'relay_source_url' => '{SOURCE}'))));"
    )
    for url in (own, f"{extended.url}/"):
        page = page_of(url)
        assert not told(page)
        assert SOURCE not in canonicals(page)
        assert "noindex" not in robots(page)


@pytest.mark.parametrize("who", ["author", "editor"])
def test_seo_fields_arrive(extended, who):
    post = relay(extended, who, fields={**SEO_FIELDS, "rank_math_robots": "noindex,nofollow"})
    held = fields_of(extended, post.id)
    assert {key: held[key] for key in SEO_FIELDS} == {key: [value] for key, value in SEO_FIELDS.items()}
    robots_list = extended.php(f"echo json_encode(get_post_meta({post.id}, 'rank_math_robots', true));")
    assert json.loads(robots_list) == ["noindex", "nofollow"]


def test_other_hidden_fields_are_kept_out_as_ever(extended):
    held = fields_of(extended, relay(extended, fields={"_wp_page_template": "x", "_secret": "x"}).id)
    assert not {"_wp_page_template", "_secret"} & held.keys()


def test_hidden_fields_of_posts_that_are_not_the_bots_are_kept_out(extended):
    own = int(extended.php("echo wp_insert_post(array('post_title' => 'own', 'post_content' => 'x'));"))
    ask = f"wp_set_current_user(get_user_by('login', '{extended.admin.username}')->ID);"
    may = extended.php(
        f"{ask} echo json_encode(current_user_can('add_post_meta', {own}, '_yoast_wpseo_title'));"
    )
    assert may == "false"


def test_somebody_who_may_not_edit_the_post_may_not_write_its_fields(extended):
    post = relay(extended, "editor")
    ask = f"wp_set_current_user(get_user_by('login', '{extended.author.username}')->ID);"
    may = extended.php(
        f"{ask} echo json_encode(current_user_can('edit_post_meta', {post.id}, 'rank_math_title'));"
    )
    assert may == "false"


def test_the_alternative_text_of_a_picture_arrives(extended):
    post = relay(extended, picture=True)
    assert extended.php(
        f"echo get_post_meta(get_post_thumbnail_id({post.id}), '_wp_attachment_image_alt', true);"
    ) == ("Un phare")


def test_a_post_in_blocks_gets_its_language_back(extended):
    html = (
        '<!-- wp:group {"className":"relaypress"} --><div class="wp-block-group relaypress"><!-- wp:paragraph -->'
        '<p><small lang="ar" dir="rtl" data-relay-key="k">x</small></p><!-- /wp:paragraph --></div><!-- /wp:group -->'
    )
    page = page_of(relay(extended, html=html).url)
    wrapper = page.select_one("div.relaypress")
    assert (wrapper["lang"], wrapper["dir"]) == ("ar", "rtl")
    assert told(page)[0]["inLanguage"] == "ar"


def test_without_the_plugin_everything_else_works(wordpress):
    fields = {**SEO_FIELDS, "relay_canonical": "source", "relay_noindex": "1"}
    post = relay(wordpress, "editor", key=new_key(), fields=fields, picture=True)
    held = fields_of(wordpress, post.id)
    assert held["relay_source_url"] == [SOURCE]
    assert not [key for key in held if key.startswith("_yoast")]
    page = page_of(post.url)
    assert canonicals(page) == [post.url]
    assert not told(page)
    assert page.select_one(f'a[href="{post.url}"], div.relaypress')


@pytest.mark.parametrize(
    ("beside", "names"), [("", ("",)), ("yoast", ("_yoast",)), ("rank-math", ("rank_math",))]
)
def test_the_doctor_finds_nothing_that_is_dropped(extended, beside, names):
    fields = {name: value for name, value in DOCTORS_FIELDS.items() if name.startswith(names)}
    config = configured(extended, "editor", beside=beside, fields=fields)
    site = ExaminedWordPress(config)
    visit = Visit(site, config, [], new_key(), datetime.now(UTC))
    try:
        found = list(visit.examine())
    finally:
        found_left = visit.tidy()
        site.close()
    assert [str(diagnosis) for diagnosis in found if diagnosis.level is not Level.OK] == []
    assert found_left == []


def test_the_whole_way_in_blocks(extended, newsroom, sample_site):
    asked = {"format": "blocks", "canonical": "source", "noindex": True}
    newsroom.site |= {"url": extended.url, "username": extended.editor.username, **asked}
    newsroom.feed |= {"url": sample_site}
    newsroom.password = extended.editor.app_password
    newsroom.write()
    done = newsroom.bot("run-once", "--limit", "1", "--json")
    (post,) = json.loads(done.stdout)["posts"]
    page = page_of(post["url"])
    (data,) = told(page)
    assert canonicals(page) == [data["isBasedOn"]]
    assert data["isBasedOn"].startswith(sample_site.removesuffix("/feed.xml"))
    assert "noindex" in robots(page)
    assert (data["inLanguage"], data["translator"]["softwareAddOn"]["name"]) == ("pt", "local")
    wrapper = page.select_one("div.relaypress")
    assert wrapper["lang"] == "pt"
    assert "relaypress-disclaimer" in wrapper.select("p")[-1]["class"]
    names = extended.php(
        f"""$blocks = parse_blocks(get_post({post["post_id"]})->post_content);
        echo json_encode(array_merge(wp_list_pluck($blocks, 'blockName'),
            wp_list_pluck($blocks[0]['innerBlocks'], 'blockName')));"""
    )
    group, *inside = json.loads(names)
    assert group == "core/group"
    assert {"core/paragraph", "core/image"} <= set(inside)
    assert None not in inside
