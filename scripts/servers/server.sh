# Sourced by the scripts of servers: one process each, on a port of 127.0.0.1, with its
# files in .tools/servers/NAME.

free_port() {
    python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

place() { echo "$PWD/.tools/servers/$1"; }

# port NAME: the port of a server that was started.
port() {
    [[ -e $(place "$1")/port ]] || fail "no server runs under this name: $1"
    cat "$(place "$1")/port"
}

# serve NAME PROGRAM PORT COMMAND...: starts a server and waits until its port answers.
# PROGRAM is a part of its command line.
serve() {
    local name=$1 program=$2 number=$3 folder
    shift 3
    folder=$(place "$name")
    mkdir -p "$folder/data" "$folder/home"
    env -i PATH="$PATH" HOME="$folder/home" "$@" >>"$folder/log" 2>&1 </dev/null &
    echo $! >"$folder/pid"
    disown
    echo "$number" >"$folder/port"
    for _ in {1..300}; do
        ! answers "$number" || return 0
        is_ours "$name" "$program" || break
        sleep 0.1
    done
    cat "$folder/log" >&2
    fail "$program does not start; its log is above"
}

answers() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# is_ours NAME PROGRAM: its number may have gone to another process since.
is_ours() {
    grep --quiet --null "$2" "/proc/$(cat "$(place "$1")/pid")/cmdline" 2>/dev/null
}

# finish NAME PROGRAM SIGNAL: ends a server, and waits until it has.
finish() {
    local pid
    is_ours "$1" "$2" || return 0
    pid=$(cat "$(place "$1")/pid")
    kill -s "$3" "$pid" 2>/dev/null || true
    for _ in {1..100}; do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -s KILL "$pid" 2>/dev/null || true
}

# down NAME PROGRAM: stops a server, and removes its files.
down() {
    [[ -e $(place "$1")/pid ]] || return 0
    finish "$1" "$2" TERM
    rm -rf "$(place "$1")"
}
