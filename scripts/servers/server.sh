# Sourced by the scripts of servers: one process each, on a port of 127.0.0.1, with its
# files in .tools/servers. A script sets program, a part of the command line of its server,
# and has functions for what differs: install, up NAME and environment PORT NAME. One whose
# server keeps what it has also has run NAME PORT, by which it is started again.

# place NAME: the folder of a server, with data and home in it.
place() { echo "$PWD/.tools/servers/$(basename "$0" .sh)-$1"; }

# port NAME: the port of a server that was started.
port() {
    [[ -e $(place "$1")/port ]] || fail "no server runs under this name: $1"
    cat "$(place "$1")/port"
}

# serve NAME PORT COMMAND...: starts a server, with an empty environment.
serve() {
    local number=$2 folder
    folder=$(place "$1")
    shift 2
    env -i PATH="$PATH" HOME="$folder/home" "$@" >>"$folder/log" 2>&1 </dev/null &
    echo $! >"$folder/pid"
    disown
    echo "$number" >"$folder/port"
}

# ready NAME COMMAND...: waits until a command succeeds, for as long as the server lives, and
# 30 s at most; otherwise shows its log.
ready() {
    local folder
    folder=$(place "$1")
    shift
    for _ in {1..150}; do
        ! "$@" 2>/dev/null || return 0
        kill -0 "$(cat "$folder/pid")" 2>/dev/null || break
        sleep 0.2
    done
    cat "$folder/log" >&2
    fail 'it does not start; its log is above'
}

# listens PORT
listens() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# answers ADDRESS: a request is answered, and well.
answers() { python3 -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=2)' "$1"; }

# finish NAME SIGNAL: ends a server, and waits until it has. Its number may have gone to
# another process since.
finish() {
    local pid
    pid=$(cat "$(place "$1")/pid" 2>/dev/null) || return 0
    grep --quiet --null "$program" "/proc/$pid/cmdline" 2>/dev/null || return 0
    kill -s "$2" "$pid" 2>/dev/null || true
    for _ in {1..100}; do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -s KILL "$pid" 2>/dev/null || true
}

# down NAME: stops a server, and removes its files.
down() {
    finish "$1" TERM
    rm -rf "$(place "$1")"
}

# again NAME: starts a server that was killed, on its port and with what it has.
again() {
    local number
    number=$(port "$1")
    install
    run "$1" "$number"
}

# of_server TASK NAME ARGUMENT...: installs, starts, kills or stops a server, or prints the
# variables for its clients or its process.
of_server() {
    local task=${1:-} number
    case $task in
        install) ;;
        up | down | env | pid) [[ $# -ge 2 ]] || fail "name the server: $task NAME" ;;
        kill | again)
            declare -F run >/dev/null || fail "what it has is gone with it: $task"
            [[ $# == 2 ]] || fail "name the server: $task NAME"
            ;;
        *) fail 'say what to do: install, up, env, pid, down, kill or again' ;;
    esac
    case $task in
        install) install ;;
        up)
            down "$2"
            install
            mkdir -p "$(place "$2")/data" "$(place "$2")/home"
            up "${@:2}"
            ;;
        down) down "$2" ;;
        env)
            number=$(port "$2")
            environment "$number" "$2"
            ;;
        pid) port "$2" >/dev/null && cat "$(place "$2")/pid" ;;
        kill) finish "$2" KILL ;;
        again) again "$2" ;;
    esac
}
