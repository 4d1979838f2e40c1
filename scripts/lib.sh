# Sourced by the other scripts: failures, free ports, and the installation of what is missing.

fail() { echo "$(basename "$0" .sh): $*" >&2 && exit 1; }

# needs PROGRAM PACKAGE: a program, and the package of Debian that it is in.
needs() {
    command -v "$1" >/dev/null || apt "$2" ||
        fail "$1 is missing; install it and try again (Node.js 22 and Python 3.10, or newer)"
}

# apt PACKAGE...: installs packages where that is possible without asking anybody.
apt() {
    [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || return 1
    apt-get update --quiet >&2
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "$@" >&2
}

# venv FOLDER LIST: a virtual environment with what a list of versions names.
venv() {
    python3 -c 'import ensurepip, venv' 2>/dev/null || apt python3-venv || true
    python3 -m venv --clear "$1" || fail 'cannot make a virtual environment; install Python 3 with its venv module'
    "$1/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-compile --no-cache-dir --requirement "$2" ||
        fail "cannot install $2; check the network, or the index that pip is configured with"
}

# packages LIST: the same in a folder of its own in .tools, once for each set of
# versions. Prints the folder.
packages() {
    local folder
    folder=$PWD/.tools/python-$(sha256sum <"$1" | cut -c 1-12)
    if [[ ! -e $folder/complete ]]; then
        venv "$folder" "$1"
        touch "$folder/complete"
    fi
    echo "$folder"
}

free_port() {
    python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# npm_ci FOLDER LIST: the packages of a lock file, which lies in the folder already.
npm_ci() {
    needs npm npm
    npm ci --prefix "$1" --silent --no-audit --no-fund --ignore-scripts ||
        fail "cannot install $2; check the network, or the registry that npm is configured with"
}

# npm_packages FOLDER: the packages of the lock file in a folder, once for each lock file.
npm_packages() {
    local complete=$1/node_modules/.complete
    ! cmp --quiet "$1/package-lock.json" "$complete" || return 0
    npm_ci "$1" "$1/package-lock.json"
    cp "$1/package-lock.json" "$complete"
}

# unpacked FOLDER NAME VERSION: the files of a package of Debian, without installing it.
unpacked() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
        fail "it comes by a package of Debian; put what $2 $3 has into $1"
    rm -rf "$1"
    mkdir -p "$1"
    (
        cd "$1"
        # The list of packages may be older than what they lead to.
        apt-get download --quiet "$2=$3*" >&2 ||
            { apt-get update --quiet >&2 && apt-get download --quiet "$2=$3*" >&2; }
        dpkg-deb --extract "$2"_*.deb .
        rm "$2"_*.deb
    ) || fail "cannot get $2 $3; check the network and the sources of apt, or the version in $0"
}
