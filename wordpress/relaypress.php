<?php
/**
 * Plugin Name: Relaypress
 * Description: For the posts of the Relaypress bot, and no others: canonical or noindex as its owner asks, structured data that names the source and the translator, and the SEO fields that WordPress keeps from XML-RPC. Also lets XML-RPC write the alternative texts of pictures, by whoever may edit them.
 * Version: 1.0.0
 * Requires at least: 5.7
 * Requires PHP: 7.4
 * License: MIT (compatible with the GPL)
 *
 * Copy this file into wp-content/mu-plugins/; it has no settings. Without it everything else of the bot works.
 *
 * It reads these custom fields of a post, and does nothing where there is no `relay_key`:
 *
 *     relay_source_url, relay_source_language, relay_engine    where the post comes from, and who translated it
 *     relay_canonical    "source": search engines shall show the original; anything else: this post
 *     relay_noindex      anything but "" and "0": search engines shall not show this post
 *
 * WordPress itself prints the canonical link and the robots tag, Yoast SEO or Rank Math where one of them is active:
 * this file only answers their filters, so no page ever carries two. Sitemaps likewise: they leave out the posts that
 * search engines shall not show, or shall show elsewhere.
 *
 * @package Relaypress
 */

defined( 'ABSPATH' ) || exit;

const RELAYPRESS_SEO_FIELDS = array(
	'_yoast_wpseo_title',
	'_yoast_wpseo_metadesc',
	'_yoast_wpseo_canonical',
	'_yoast_wpseo_meta-robots-noindex',
	'_yoast_wpseo_focuskw',
	'_yoast_wpseo_primary_category',
	'rank_math_title',
	'rank_math_description',
	'rank_math_canonical_url',
	'rank_math_robots',
	'rank_math_focus_keyword',
	'rank_math_primary_category',
);

// Later than 10, where register_meta() forbids every field that begins with "_" unless told otherwise: Yoast SEO registers its own so.
foreach ( RELAYPRESS_SEO_FIELDS as $relaypress_field ) {
	add_filter( "auth_post_meta_{$relaypress_field}", 'relaypress_allow_seo_field', 20, 3 );
}
unset( $relaypress_field );
add_filter( 'auth_post_meta__wp_attachment_image_alt', 'relaypress_allow_alt', 20, 3 );
add_filter( 'sanitize_post_meta_rank_math_robots', 'relaypress_robots_list' );

add_filter( 'get_canonical_url', 'relaypress_canonical', 10, 2 );
add_filter( 'wpseo_canonical', 'relaypress_canonical_of_yoast' );
add_filter( 'rank_math/frontend/canonical', 'relaypress_canonical_of_rank_math' );

add_filter( 'wp_robots', 'relaypress_robots' );
add_filter( 'wpseo_robots_array', 'relaypress_robots_of_seo_plugin' );
add_filter( 'rank_math/frontend/robots', 'relaypress_robots_of_seo_plugin' );

add_filter( 'wp_sitemaps_posts_query_args', 'relaypress_sitemap_query' );
add_filter( 'wpseo_sitemap_entry', 'relaypress_sitemap_entry', 10, 3 );
add_filter( 'rank_math/sitemap/entry', 'relaypress_sitemap_entry', 10, 3 );

add_action( 'wp_head', 'relaypress_print_structured_data' );
add_filter( 'render_block_core/group', 'relaypress_mark_language', 10, 2 );

/**
 * Lets an SEO field of one of the bot's posts through; map_meta_cap() asks for the right to edit the post besides.
 *
 * @param bool   $allowed What WordPress thinks: false for a key that begins with "_".
 * @param string $key     The field.
 * @param int    $post_id The post.
 * @return bool
 */
function relaypress_allow_seo_field( $allowed, $key, $post_id ) {
	return $allowed || relaypress_is_relayed( $post_id );
}

/**
 * Lets the alternative text of a picture through, likewise.
 *
 * @param bool   $allowed What WordPress thinks.
 * @param string $key     The field.
 * @param int    $post_id The attachment.
 * @return bool
 */
function relaypress_allow_alt( $allowed, $key, $post_id ) {
	return $allowed || 'attachment' === get_post_type( $post_id );
}

/**
 * Rank Math keeps this field as a list; over XML-RPC comes "noindex,nofollow".
 *
 * @param mixed $value The field's new value.
 * @return mixed
 */
function relaypress_robots_list( $value ) {
	return is_string( $value ) ? array_values( array_filter( array_map( 'trim', explode( ',', $value ) ) ) ) : $value;
}

/**
 * The canonical address that WordPress prints for a post.
 *
 * @param string  $url  The post's own address.
 * @param WP_Post $post The post.
 * @return string
 */
function relaypress_canonical( $url, $post ) {
	$to_source = 'source' === relaypress_field( $post->ID, 'relay_canonical' );
	$source    = $to_source ? relaypress_source( $post->ID ) : '';
	return $source ? $source : $url;
}

/**
 * The canonical address that Yoast SEO prints. It decodes percent signs on the way out (canonical-presenter.php), so they go in doubled.
 *
 * @param string $url What it would print.
 * @return string
 */
function relaypress_canonical_of_yoast( $url ) {
	$source = relaypress_canonical_unless( '_yoast_wpseo_canonical' );
	return $source ? str_replace( array( '%', '+' ), array( '%25', '%2B' ), $source ) : $url;
}

/**
 * The canonical address that Rank Math prints.
 *
 * @param string|false $url What it would print.
 * @return string|false
 */
function relaypress_canonical_of_rank_math( $url ) {
	$source = relaypress_canonical_unless( 'rank_math_canonical_url' );
	return $source ? $source : $url;
}

/**
 * The source of the post shown, where it shall be the canonical address; '' where not, or where the SEO plugin's own field names one.
 *
 * @param string $field The SEO plugin's own field.
 * @return string
 */
function relaypress_canonical_unless( $field ) {
	$post = relaypress_shown_post();
	return $post && '' === relaypress_field( $post->ID, $field ) ? relaypress_canonical( '', $post ) : '';
}

/**
 * The robots tag that WordPress prints (wp_robots(), since 5.7).
 *
 * @param array $robots Directives.
 * @return array
 */
function relaypress_robots( $robots ) {
	return relaypress_is_hidden() ? wp_robots_no_robots( $robots ) : $robots;
}

/**
 * The robots tag that Yoast SEO or Rank Math prints: both keep "index" or "noindex" under the key "index".
 *
 * @param array $robots Directives.
 * @return array
 */
function relaypress_robots_of_seo_plugin( $robots ) {
	return relaypress_is_hidden() ? array_merge( (array) $robots, array( 'index' => 'noindex' ) ) : $robots;
}

/**
 * Which posts the sitemap of WordPress lists (wp_sitemaps, since 5.5): the same as relaypress_sitemap_entry(), as a query.
 *
 * @param array $args Arguments for WP_Query.
 * @return array
 */
function relaypress_sitemap_query( $args ) {
	$others = isset( $args['meta_query'] ) ? array( $args['meta_query'] ) : array();

	$args['meta_query'] = array_merge( // phpcs:ignore WordPress.DB.SlowDBQuery.slow_db_query_meta_query -- a sitemap is asked for rarely, and there is no other way in.
		$others,
		array(
			relaypress_no_field_or( 'relay_noindex', 'IN', array( '', '0' ) ),
			relaypress_no_field_or( 'relay_canonical', 'NOT IN', array( 'source' ) ),
		)
	);
	return $args;
}

/**
 * The condition that a post has no such field, or one whose value compares well.
 *
 * @param string $key     The field.
 * @param string $compare "IN" or "NOT IN".
 * @param array  $values  Values.
 * @return array
 */
function relaypress_no_field_or( $key, $compare, $values ) {
	return array(
		'relation' => 'OR',
		array(
			'key'     => $key,
			'compare' => 'NOT EXISTS',
		),
		array(
			'key'     => $key,
			'value'   => $values,
			'compare' => $compare,
		),
	);
}

/**
 * Keeps a post out of the sitemap of an SEO plugin where search engines shall not show it, or shall show the original.
 *
 * @param array|false $entry  The entry.
 * @param string      $type   "post", "term" or "user".
 * @param object      $object What the entry is of; for posts a row of the table of posts.
 * @return array|false
 */
function relaypress_sitemap_entry( $entry, $type, $object ) {
	$post_id = 'post' === $type && isset( $object->ID ) ? (int) $object->ID : 0;
	if ( ! $post_id || ! relaypress_is_relayed( $post_id ) ) {
		return $entry;
	}
	$elsewhere = 'source' === relaypress_field( $post_id, 'relay_canonical' );
	return $elsewhere || relaypress_field( $post_id, 'relay_noindex' ) ? false : $entry;
}

/**
 * Prints what the post is for machines: a news article, based on another, translated by a program.
 */
function relaypress_print_structured_data() {
	$post = relaypress_shown_post();
	if ( ! $post || post_password_required( $post ) ) {
		return;
	}
	$json = wp_json_encode( relaypress_structured_data( $post ), JSON_HEX_TAG | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE );
	echo '<script type="application/ld+json" class="relaypress">' . $json . "</script>\n"; // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- JSON with every < and > escaped.
}

/**
 * The post in the words of schema.org (https://schema.org/NewsArticle).
 *
 * @param WP_Post $post The post.
 * @return array
 */
function relaypress_structured_data( $post ) {
	$url  = get_permalink( $post );
	$data = array(
		'@context'         => 'https://schema.org',
		'@type'            => 'NewsArticle',
		'@id'              => $url . '#relaypress',
		'headline'         => html_entity_decode( wp_strip_all_tags( get_the_title( $post ) ), ENT_QUOTES, 'UTF-8' ),
		'url'              => $url,
		'mainEntityOfPage' => $url,
		'datePublished'    => get_post_time( DATE_W3C, true, $post ),
		'dateModified'     => get_post_modified_time( DATE_W3C, true, $post ),
		'inLanguage'       => relaypress_language( $post ),
		'image'            => get_the_post_thumbnail_url( $post, 'full' ),
		'publisher'        => array(
			'@type' => 'Organization',
			'name'  => html_entity_decode( get_bloginfo( 'name' ), ENT_QUOTES, 'UTF-8' ),
			'url'   => home_url( '/' ),
		),
	);
	return array_filter( array_merge( $data, relaypress_origin( $post ) ) );
}

/**
 * Where the post comes from, and what translated it. A post that no engine touched is no translation.
 *
 * @param WP_Post $post The post.
 * @return array
 */
function relaypress_origin( $post ) {
	$source = relaypress_source( $post->ID );
	$engine = relaypress_field( $post->ID, 'relay_engine' );
	$origin = array( 'isBasedOn' => $source );
	if ( $engine ) {
		$origin['translationOfWork'] = array_filter(
			array(
				'@type'      => 'NewsArticle',
				'url'        => $source,
				'inLanguage' => relaypress_field( $post->ID, 'relay_source_language' ),
			)
		);
		$origin['translator']        = array(
			'@type'         => 'SoftwareApplication',
			'name'          => 'Relaypress',
			'softwareAddOn' => array(
				'@type' => 'SoftwareApplication',
				'name'  => $engine,
			),
		);
	}
	return $origin;
}

/**
 * The language of the post: the bot writes it beside the key, on the wrapper or on the label.
 *
 * @param WP_Post $post The post.
 * @return string
 */
function relaypress_language( $post ) {
	$found = preg_match( '/<\w+[^<>]*\slang="([A-Za-z0-9-]+)"[^<>]*\sdata-relay-key=/', $post->post_content, $match );
	return $found ? $match[1] : get_bloginfo( 'language' );
}

/**
 * Gives a post in blocks its language back: the editor's group block keeps no attributes, the label in it does.
 *
 * @param string $html  The group as it is shown.
 * @param array  $block The block.
 * @return string
 */
function relaypress_mark_language( $html, $block ) {
	$class = isset( $block['attrs']['className'] ) ? $block['attrs']['className'] : '';
	if ( 'relaypress' !== $class || ! preg_match( '/ lang="[A-Za-z0-9-]+" dir="(?:ltr|rtl)"(?= data-relay-key=)/', $html, $match ) ) {
		return $html;
	}
	return preg_replace( '/<div\b/', '<div' . $match[0], $html, 1 );
}

/**
 * The bot's post whose own page is shown; null elsewhere.
 *
 * @return WP_Post|null
 */
function relaypress_shown_post() {
	$post = is_singular() ? get_queried_object() : null;
	return $post instanceof WP_Post && relaypress_is_relayed( $post->ID ) ? $post : null;
}

/**
 * Whether search engines shall not show the page.
 *
 * @return bool
 */
function relaypress_is_hidden() {
	$post = relaypress_shown_post();
	return $post && (bool) relaypress_field( $post->ID, 'relay_noindex' );
}

/**
 * Whether the bot made this post.
 *
 * @param int $post_id The post.
 * @return bool
 */
function relaypress_is_relayed( $post_id ) {
	return '' !== relaypress_field( $post_id, 'relay_key' );
}

/**
 * The address of the original; '' where the post is not the bot's, or the field holds no web address.
 *
 * @param int $post_id The post.
 * @return string
 */
function relaypress_source( $post_id ) {
	$url = relaypress_is_relayed( $post_id ) ? relaypress_field( $post_id, 'relay_source_url' ) : '';
	return preg_match( '#^https?://#i', $url ) ? esc_url_raw( $url ) : '';
}

/**
 * A custom field as text.
 *
 * @param int    $post_id The post.
 * @param string $key     The field.
 * @return string
 */
function relaypress_field( $post_id, $key ) {
	$value = get_post_meta( $post_id, $key, true );
	return is_scalar( $value ) ? trim( (string) $value ) : '';
}
