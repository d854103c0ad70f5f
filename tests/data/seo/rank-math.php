<?php
/*
 * A stand-in for Rank Math: our own, as small as a test needs, loaded for addresses with `?stand-in=rank-math`.
 * It keeps and prints where the real one does (docs/wordpress.md, "SEO plugins", names its files): its fields are
 * protected, robots is a list, no canonical stands beside noindex.
 */

if ( ! isset( $_GET['stand-in'] ) || 'rank-math' !== $_GET['stand-in'] ) {
	return;
}

add_filter( 'is_protected_meta', function ( $protected, $key ) {
	return 0 === strpos( $key, 'rank_math_' ) ? true : $protected;
}, 10, 2 );

function rank_math_stand_in_robots() {
	$robots = array( 'index' => 'index', 'follow' => 'follow' );
	foreach ( (array) get_post_meta( get_queried_object_id(), 'rank_math_robots', true ) as $value ) {
		$robots[ preg_replace( '/^no(?=index|follow)/', '', $value ) ] = $value;
	}
	return apply_filters( 'rank_math/frontend/robots', array_filter( $robots ) );
}

add_action( 'wp_head', function () {
	remove_action( 'wp_head', 'rel_canonical' );
	$post_id = get_queried_object_id();
	$robots  = rank_math_stand_in_robots();
	echo '<meta name="description" content="' . esc_attr( get_post_meta( $post_id, 'rank_math_description', true ) ) . '">';
	echo '<meta name="robots" content="' . esc_attr( implode( ', ', $robots ) ) . '">';
	if ( 'noindex' !== $robots['index'] ) {
		$own       = get_post_meta( $post_id, 'rank_math_canonical_url', true );
		$canonical = apply_filters( 'rank_math/frontend/canonical', $own ? $own : get_permalink( $post_id ) );
		echo '<link rel="canonical" href="' . esc_url( $canonical, null, 'other' ) . '">';
	}
}, 1 );
