<?php
/**
 * Makes the site and its users; read by PHP from standard input, in both ways.
 *
 * SANDBOX_ROOT   folder of wp-load.php
 * SANDBOX_SETUP  JSON: {"users": {"WP_ADMIN": {"login", "role", "password"}, ...}}
 * Prints one line of JSON: {"WP_ADMIN_APP_PASSWORD": "...", ..., "WP_VERSION": "..."}
 */

define('WP_INSTALLING', true);

/** No mail from a sandbox: WordPress takes this one because it is defined first. */
function wp_new_blog_notification($title, $url, $user_id, $password) {}


require getenv('SANDBOX_ROOT') . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

$setup = json_decode(getenv('SANDBOX_SETUP'), true);
$out = array('WP_VERSION' => $wp_version);

$admin = $setup['users']['WP_ADMIN'];
add_filter('pre_http_request', function () { return new WP_Error('offline', 'sandbox'); });
if (!is_blog_installed()) {
    wp_install('Relaypress sandbox', $admin['login'], 'admin@example.org', true, '', $admin['password']);
}

foreach ($setup['users'] as $prefix => $user) {
    $id = username_exists($user['login']);
    if (!$id) {
        $id = wp_insert_user(array(
            'user_login' => $user['login'],
            'user_pass' => $user['password'],
            'user_email' => $user['login'] . '@example.org',
            'display_name' => ucfirst($user['login']),
            'role' => $user['role'],
        ));
    }
    if (is_wp_error($id)) {
        fwrite(STDERR, $id->get_error_message() . "\n");
        exit(1);
    }
    list($password) = WP_Application_Passwords::create_new_application_password(
        $id, array('name' => 'sandbox')
    );
    $out[$prefix . '_APP_PASSWORD'] = $password;
}

/* A test counts posts: begin with none. */
foreach (get_posts(array('post_type' => array('post', 'page'), 'post_status' => 'any', 'numberposts' => -1)) as $post) {
    wp_delete_post($post->ID, true);
}

update_option('blogdescription', 'A WordPress of one\'s own, on the loopback');
update_option('ping_sites', '');
update_option('default_pingback_flag', '0');
update_option('default_ping_status', 'closed');
update_option('gzipcompression', 0);
$wp_rewrite->set_permalink_structure('/%postname%/');
$wp_rewrite->flush_rules(false);

$plugins = WP_CONTENT_DIR . '/mu-plugins';
wp_mkdir_p($plugins);
file_put_contents($plugins . '/sandbox.php', <<<'PHP'
<?php
/* Plugin Name: Sandbox. Mail is taken and dropped; nobody asks for updates that cannot be had. */
add_filter('pre_wp_mail', '__return_true');
remove_action('init', 'wp_schedule_update_checks');
foreach (array('core', 'plugins', 'themes') as $kind) {
    remove_action('admin_init', "_maybe_update_$kind");
}

PHP
);

echo "\n" . json_encode($out) . "\n";
