<?php
/*
 * A stand-in for Yoast SEO: our own, as small as a test needs, loaded for addresses with `?stand-in=yoast`.
 * It keeps, builds and prints where the real one does (docs/wordpress.md, "SEO plugins", names its files):
 * fields registered without a word on who may write them, defaults never stored, values copied when
 * wp_insert_post() ends, robots through wp_robots, no canonical beside noindex, percent signs decoded.
 */

if ( ! isset( $_GET['stand-in'] ) || 'yoast' !== $_GET['stand-in'] ) {
	return;
}

function yoast_stand_in_fields() {
	return array( 'title', 'metadesc', 'canonical', 'meta-robots-noindex', 'focuskw' );
}

function yoast_stand_in_sanitise( $value, $key ) {
	if ( '_yoast_wpseo_meta-robots-noindex' === $key ) {
		return in_array( $value, array( '1', '2' ), true ) ? $value : '0';
	}
	return '_yoast_wpseo_canonical' === $key ? sanitize_url( $value, array( 'http', 'https' ) ) : sanitize_text_field( $value );
}

add_action( 'init', function () {
	foreach ( yoast_stand_in_fields() as $name ) {
		register_meta( 'post', "_yoast_wpseo_$name", array( 'sanitize_callback' => 'yoast_stand_in_sanitise' ) );
	}
} );

foreach ( array( 'add_post_metadata', 'update_post_metadata' ) as $hook ) {
	add_filter( $hook, function ( $stop, $post_id, $key, $value ) {
		return '_yoast_wpseo_meta-robots-noindex' === $key && '0' === $value ? true : $stop;
	}, 10, 4 );
}

add_action( 'wp_insert_post', function ( $post_id ) {
	$indexable = array();
	foreach ( yoast_stand_in_fields() as $name ) {
		$indexable[ $name ] = get_post_meta( $post_id, "_yoast_wpseo_$name", true );
	}
	update_option( "yoast_stand_in_$post_id", $indexable, false );
}, PHP_INT_MAX );

function yoast_stand_in_indexable() {
	return get_option( 'yoast_stand_in_' . get_queried_object_id(), array_fill_keys( yoast_stand_in_fields(), '' ) );
}

function yoast_stand_in_robots() {
	$index = '1' === yoast_stand_in_indexable()['meta-robots-noindex'] ? 'noindex' : 'index';
	return apply_filters( 'wpseo_robots_array', array( 'index' => $index, 'follow' => 'follow' ) );
}

add_filter( 'wp_robots', function ( $robots ) {
	foreach ( yoast_stand_in_robots() as $value ) {
		$robots[ $value ] = true;
	}
	return isset( $robots['noindex'] ) ? array_diff_key( $robots, array( 'index' => true, 'max-image-preview' => true ) ) : $robots;
}, PHP_INT_MAX - 10 );

remove_action( 'wp_head', 'rel_canonical' );
add_action( 'wp_head', function () {
	$indexable = yoast_stand_in_indexable();
	echo '<meta name="description" content="' . esc_attr( $indexable['metadesc'] ) . '">';
	if ( ! in_array( 'noindex', yoast_stand_in_robots(), true ) ) {
		$canonical = $indexable['canonical'] ? $indexable['canonical'] : get_permalink();
		$canonical = urldecode( trim( apply_filters( 'wpseo_canonical', $canonical ) ) );
		echo '<link rel="canonical" href="' . esc_url( $canonical ) . '">';
	}
}, 1 );
