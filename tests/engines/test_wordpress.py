"""The WordPress client against a real WordPress."""

import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import bs4
import pytest

from bot.config import SiteConfig
from bot.engines.wordpress import WordPress
from bot.errors import SiteRefused, SiteUnusable
from bot.model import Media
from bot.stages import illustrate
from tests.contracts.site import SiteContract, make_picture, make_post, new_key
from tests.fakes.site import FakeSite

SINCE = timedelta(minutes=10)

real = pytest.mark.wordpress


def configured(url: str, username: str, password: str, **more: object) -> SiteConfig:
    table = {"name": "monde", "url": url, "username": username, "password_env": "P", "language": "fr", **more}
    return SiteConfig.model_validate(table, context={"environ": {"P": password}})


@pytest.fixture
def connect(wordpress):
    """Make a client for one of the sandbox's accounts."""
    made = []

    def new(who: str = "editor", *, url: str = "", password: str = "", **more: object) -> WordPress:
        login = getattr(wordpress, who)
        config = configured(url or wordpress.url, login.username, password or login.app_password, **more)
        made.append(WordPress(config, "ops@example.org"))
        return made[-1]

    yield new
    for each in made:
        each.close()


@pytest.fixture
def remote(wordpress):
    """What the real WordPress holds of a post, read by its own functions."""

    def read(post_id: str) -> dict:
        code = f"""$id = {int(post_id)}; echo json_encode(array(
            'post' => get_post($id), 'fields' => get_post_meta($id),
            'categories' => wp_get_post_terms($id, 'category', array('fields' => 'names')),
            'tags' => wp_get_post_terms($id, 'post_tag', array('fields' => 'names')),
            'thumbnail' => get_post_thumbnail_id($id)));"""
        return json.loads(wordpress.php(code))

    return read


class TestFake(SiteContract):
    @pytest.fixture
    def site(self):
        return FakeSite()


@real
class TestReal(SiteContract):
    @pytest.fixture
    def site(self, connect):
        return connect()


@real
def test_everything_of_a_post_arrives(connect, remote):
    site, key = connect(), new_key()
    post = make_post(
        key,
        title="AT&T — l'“été” \\ 😀",
        html=f'<div data-relay-key="{key}"><p>a &amp; b, l\'été \\n, ]]&gt;, &lt;b&gt;</p></div>',
        date=datetime(2024, 2, 29, 23, 30, tzinfo=UTC).astimezone(),
        fields=(("relay_key", key), ("relay_source_url", "https://x/?a=1&b='2'")),
    )
    categories, tags = site.resolve_terms([f"Monde {key}"], [f"GVEn {key}"])
    media = site.upload(make_picture(), "", "")
    made = site.create(post, categories, tags, media)
    held = remote(made.id)
    kept = held["post"]
    assert (kept["post_title"], kept["post_content"]) == (post.title, post.html)
    assert (kept["post_excerpt"], kept["post_name"]) == ("Un extrait", post.slug)
    assert (kept["post_date_gmt"], kept["post_status"]) == ("2024-02-29 23:30:00", "publish")
    assert (held["categories"], held["tags"]) == ([f"Monde {key}"], [f"GVEn {key}"])
    assert str(held["thumbnail"]) == media.id
    assert held["fields"]["relay_key"] == [key]
    assert held["fields"]["relay_source_url"] == ["https://x/?a=1&b='2'"]


@real
def test_the_address_of_a_post_is_the_one_that_readers_see(connect):
    site = connect()
    for made in [site.create(make_post(), [], [], None) for _ in range(3)]:  # asked for, then put together
        with urllib.request.urlopen(made.url, timeout=20) as answer:
            assert answer.url == made.url
            assert "texte" in answer.read().decode()


@real
def test_characters_that_xml_forbids_are_taken_out_and_nothing_else(connect, remote):
    key = new_key()
    title = f"a\x00b\x0bc\ud800d\ufffee\uffff &#55357; \u2028 😀 {key}"
    made = connect().create(make_post(key, title=title, excerpt="\x1bx"), [], [], None)
    kept = remote(made.id)["post"]
    assert kept["post_title"] == f"abcde &#55357; \u2028 😀 {key}"
    assert kept["post_excerpt"] == "x"


@real
def test_a_post_in_the_trash_is_found_and_told(connect, wordpress):
    site, post = connect(), make_post()
    made = site.create(post, [], [], None)
    wordpress.php(f"wp_trash_post({made.id});")
    found = site.find(post.key, since=datetime.now(UTC) - SINCE)
    assert (found.id, found.status) == (made.id, "trash")


@real
def test_a_post_that_lost_its_field_is_found_by_its_slug(connect, wordpress):
    site, post = connect(), make_post(html="<p>rewritten by a person</p>")
    made = site.create(post, [], [], None)
    wordpress.php(f"delete_post_meta({made.id}, 'relay_key');")
    assert site.find(post.key, since=datetime.now(UTC) - SINCE).id == made.id


@real
def test_an_old_post_is_found_by_what_its_content_says(connect, wordpress):
    site, post = connect("author"), make_post()
    made = site.create(post, [], [], None)
    wordpress.php(
        f"delete_post_meta({made.id}, 'relay_key'); wp_update_post(array('ID' => {made.id}, 'post_name' => 'x-{new_key()}'));"
    )
    assert site.find(post.key, since=datetime.now(UTC) + timedelta(days=1)).id == made.id


@real
def test_what_wordpress_did_not_finish_is_not_taken_for_a_post(connect, wordpress):
    key = new_key()
    wordpress.php(
        f"$id = wp_insert_post(array('post_title' => 'x', 'post_status' => 'auto-draft'));"
        f"add_post_meta($id, 'relay_key', '{key}');"
    )
    assert connect("admin").find(key, since=datetime.now(UTC) - SINCE) is None


@real
def test_a_category_path_makes_parents_and_is_known_again(connect, wordpress):
    key = new_key()
    (child,), _ = connect().resolve_terms([f"Monde {key}/Europe {key}"], [])
    (again, parent), _ = connect().resolve_terms([f"monde {key} / europe {key}", f"Monde {key}"], [])
    assert again == child
    assert wordpress.php(f"echo get_term({child})->parent;").strip() == str(parent)


@real
@pytest.mark.parametrize(
    "form", ["R&D {}", "Côte d'Ivoire {}", 'Le "mot" {}', "a\\b {}", "C++ {}", "a < b {}", "a, b {}"]
)
def test_a_term_with_signs_in_it_is_made_once(connect, form):
    name = form.format(new_key())
    made = connect().resolve_terms([name], [name])
    assert connect().resolve_terms([name], [name]) == made


@real
def test_markup_in_a_term_is_taken_out(connect):
    key = new_key()
    _, plain = connect().resolve_terms([], [f"News {key}"])
    assert connect().resolve_terms([], [f"<b>News</b> {key}", "<br>"])[1] == plain


@real
def test_eight_threads_make_a_new_term_once(connect, wordpress):
    site, name = connect(), f"tag {new_key()}"
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: site.resolve_terms([name], [name]), range(8)))
    assert len({str(answer) for answer in answers}) == 1
    counted = wordpress.php(f"echo count(get_terms(array('name' => '{name}', 'hide_empty' => false)));")
    assert counted.strip() == "2"


@real
def test_threads_never_mix_their_posts(connect, remote):
    site, posts = connect(), [make_post() for _ in range(12)]
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda post: site.create(post, [], [], None), posts))
    for post, done in zip(posts, made, strict=True):
        assert remote(done.id)["post"]["post_name"] == post.slug


@real
def test_an_author_posts_with_terms_that_are_there_and_is_told_of_one_that_is_not(connect):
    name = f"Monde {new_key()}"
    connect().resolve_terms([name], [name])
    author = connect("author")
    categories, tags = author.resolve_terms([name], [name])
    assert author.create(make_post(), categories, tags, author.upload(make_picture(), "", "")).id
    with pytest.raises(SiteRefused, match=r'monde: the tag "new .*" does not exist.*let an editor create it'):
        author.resolve_terms([], [f"new {name}"])


@real
def test_a_term_that_was_deleted_meanwhile_is_looked_up_again(connect, wordpress):
    site, name = connect(), f"Monde {new_key()}"
    categories, _ = site.resolve_terms([name], [])
    wordpress.php(f"wp_delete_term({categories[0]}, 'category');")
    with pytest.raises(SiteRefused, match="Invalid term ID"):
        site.create(make_post(), categories, [], None)
    renewed, _ = site.resolve_terms([name], [])
    assert renewed != categories
    assert site.create(make_post(), renewed, [], None).id


@real
def test_a_picture_gone_from_the_library_does_not_hold_up_its_post(connect, remote):
    site, post = connect(), make_post()
    made = site.create(post, [], [], Media("99999999", "https://x/y.jpg"))
    assert remote(made.id)["thumbnail"] in (0, "", False)
    assert site.find(post.key, since=datetime.now(UTC) - SINCE).id == made.id


@real
def test_a_picture_has_its_caption_and_a_good_name(connect, remote):
    media = connect().upload(make_picture("Été à la plage.v2.png"), "", "Une légende & plus")
    assert remote(media.id)["post"]["post_excerpt"] == "Une légende & plus"
    assert media.url.rsplit("/", 1)[1].isascii()
    with urllib.request.urlopen(media.url, timeout=20) as answer:
        assert answer.headers["Content-Type"] == "image/png"


@real
def test_a_refusal_by_a_plugin_may_come_after_the_post_was_made(connect, wordpress):
    """Why a refusal is looked up before it is believed (bot/sending.py)."""
    die = "<?php add_action('save_post_post', function ($id, $post) { if ('publish' === $post->post_status "
    die += "&& str_contains($post->post_title, 'dies')) { wp_die('a plugin gave up'); } }, 10, 2);"
    (wordpress.root / "wp-content/mu-plugins/dies.php").write_text(die)
    site, post = connect(), make_post(title="It dies")
    with pytest.raises(SiteRefused, match="a plugin gave up"):
        site.create(post, [], [], None)
    assert site.find(post.key, since=datetime.now(UTC) - SINCE).status == "publish"


PICTURE = "https://source.example/p.png"
FIGURE = f'<figure><img src="{PICTURE}" alt="A" width="400" height="1"></figure>'
BLOCK = f'<!-- wp:image --><figure class="wp-block-image"><img src="{PICTURE}" alt="A"/></figure><!-- /wp:image -->'


@real
@pytest.mark.parametrize("body", [FIGURE, BLOCK], ids=["classic", "blocks"])
def test_a_picture_of_the_body_is_known_to_wordpress_as_its_own(connect, body):
    """So that it offers smaller versions to small screens, and tells the size of what is shown."""
    site = connect("author")
    file = make_picture(size=(600, 300))
    uploaded = illustrate.Uploaded(site.upload(file, "A", ""), file.width, file.height)
    html = illustrate.relink(body, {PICTURE: uploaded})
    made = site.create(make_post(html=html), [], [], None)
    with urllib.request.urlopen(made.url, timeout=20) as answer:
        page = bs4.BeautifulSoup(answer.read(), "lxml")
    image = page.select_one(f"img.wp-image-{uploaded.media.id}")
    shown = ("400", "200") if "400" in body else ("600", "300")
    assert (image["width"], image["height"]) == shown
    assert "300w" in image["srcset"]


@real
def test_the_alternative_text_arrives_where_the_site_allows_it(connect, remote, wordpress):
    allow = "<?php add_filter('auth_post_meta__wp_attachment_image_alt', '__return_true');"
    (wordpress.root / "wp-content/mu-plugins/alt.php").write_text(allow)
    media = connect("author").upload(make_picture(), "Une plage", "")
    assert remote(media.id)["fields"]["_wp_attachment_image_alt"] == ["Une plage"]


@real
def test_a_picture_that_the_site_has_is_not_sent_again(connect):
    picture = make_picture("a-b.png")
    assert connect("author").upload(picture, "", "") == connect("author").upload(picture, "", "")


@real
def test_a_file_that_wordpress_does_not_take_is_refused(connect):
    with pytest.raises(SiteRefused, match="monde: WordPress refused: Could not write file"):
        connect().upload(make_picture("x.svg"), "", "")


@real
def test_probe_tells_the_site_and_the_account(connect, wordpress):
    facts = connect("author").probe()
    assert (facts.title, facts.home, facts.roles) == ("Relaypress sandbox", wordpress.url, ("author",))
    assert facts.version[0].isdigit()


@real
def test_a_wrong_password_is_told_with_its_remedy_and_never_shown(connect):
    site = connect(password="not-the-password")
    for call in (
        site.probe,
        lambda: site.resolve_terms(["x"], []),
        lambda: site.create(make_post(), [], [], None),
    ):
        with pytest.raises(
            SiteUnusable, match=r"refuses user name or password of editor.*password_env"
        ) as caught:
            call()
        assert "not-the-password" not in str(caught.value)
    assert "not-the-password" not in repr(site)


@real
@pytest.mark.parametrize("tail", ["", "/", "/xmlrpc.php"])
def test_the_site_is_found_from_its_home_page_or_its_xmlrpc_php(connect, wordpress, tail):
    assert connect(url=wordpress.url + tail).probe().home == wordpress.url


@real
def test_an_address_without_wordpress_is_told(connect, wordpress):
    with pytest.raises(
        SiteUnusable, match="no WordPress answers at this address; write the site's home page"
    ):
        connect(url=f"{wordpress.url}/nowhere").find(new_key())


@real
def test_an_update_doubles_no_field_and_a_person_who_was_faster_wins(connect, remote, wordpress):
    site, post = connect(), make_post()
    made = site.create(post, [], [], None)
    before = site.read(made.id)
    site.update(made.id, replace(post, title="Corrigé"), None, before.modified)
    count = f"echo count(get_post_meta({made.id}, 'relay_key'));"
    assert wordpress.php(count) == "1"
    wordpress.php(
        f"global $wpdb; $wpdb->update($wpdb->posts, ['post_modified_gmt' => '2038-01-01 00:00:00',"
        f" 'post_modified' => '2038-01-01 00:00:00'], ['ID' => {made.id}]); clean_post_cache({made.id});"
    )
    with pytest.raises(SiteRefused, match="a person edited the post"):
        site.update(made.id, replace(post, title="Trop tard"), None, before.modified)
    assert site.read(made.id).title == "Corrigé"


@real
def test_author_format_comments_and_kind_arrive(connect, wordpress):
    post = make_post(format="aside", comments="closed", pings="closed")
    made = connect().create(post, [], [], None)
    told = wordpress.php(
        f"$p = get_post({made.id}); echo get_post_format($p), ' ', $p->comment_status, ' ', $p->ping_status;"
    )
    assert told == "aside closed closed"


@real
def test_a_category_by_its_id_and_terms_that_may_not_be_made(connect, wordpress):
    made = int(wordpress.php("echo wp_insert_term('Par id ' . uniqid(), 'category')['term_id'];"))
    site = connect(create_terms=False)
    assert site.resolve_terms([f"#{made}", f"Nulle part {new_key()}"], [f"rien {new_key()}"]) == ([made], [])
