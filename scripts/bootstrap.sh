#!/bin/sh
# Makes the virtual environment and installs a lock file into it.
#
#   bootstrap.sh VENV LOCK [PYTHON]
#
# Quick when there is nothing to do, and safe to interrupt: an environment that
# was left incomplete is thrown away and made again. Needs sh and coreutils only.
set -u

venv=$1
lock=$2
wanted=${3:-}
stamp=$venv/.installed-${lock%.txt}
unfinished=$venv/.unfinished

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null
}

choose_python() {
    for candidate in ${wanted:-python3 python3.13 python3.12 python3.11 python3.10}; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    candidate=${wanted:-python3}
    found=$("$candidate" -c 'import sys; print(sys.version.split()[0])' 2>/dev/null) ||
        fail "Python 3.10 or newer is needed and $candidate was not found: install it, or name one: make PYTHON=/path/to/python3.12"
    fail "Python 3.10 or newer is needed and $candidate is $found: install a newer one, or name it: make PYTHON=/path/to/python3.12"
}

# The lock's checksum, so that a new lock is noticed whatever the file's date.
sum=$(cksum <"$lock") || fail "$lock is missing: fetch the whole project again."

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ] && [ ! -e "$unfinished" ] &&
    is_new_enough "$venv/bin/python"; then
    exit 0
fi

python=$(choose_python) || exit 1

if [ ! -e "$venv" ] || [ -e "$unfinished" ] || ! is_new_enough "$venv/bin/python"; then
    rm -rf "$venv" 2>/dev/null
    mkdir -p "$venv" 2>/dev/null && : >"$unfinished" ||
        fail "cannot write in $PWD: give this user write permission there, or use a copy of the project that it owns."
    echo "Making $venv with $python ..." >&2
    "$python" -m venv "$venv" >&2 ||
        fail "$python cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install python3-venv) and run this again."
fi

: 2>/dev/null >"$unfinished" ||
    fail "cannot write in $PWD/$venv: give this user write permission there, or remove $venv."
echo "Installing $lock (once, a few minutes) ..." >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --require-hashes --only-binary :all: --requirement "$lock" >&2 ||
    fail "the packages of $lock could not be installed (see above): check the connection to the package registry and run this again."
echo "$sum" >"$stamp"
rm -f "$unfinished"
