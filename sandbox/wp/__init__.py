"""The parts of `sandbox/wordpress`; standard library only, so no virtualenv is needed first.

cli        commands, and the only printer
instance   one instance: its folder, its record, its lock, what it prints
settings   the wp-config.php constants that both ways share
native     MariaDB, php-fpm and nginx of the distribution, each private to the instance
releases   a newer WordPress, unpacked from another release of Debian
packages   installs what native lacks, without starting any service
processes  start detached, wait, stop by pid
container  the same with the official Docker images
probe      asks the running site over XML-RPC whether it really works
install.php  makes the site and its users, run by PHP the same in both ways
"""
