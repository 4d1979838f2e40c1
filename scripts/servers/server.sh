# Sourced after lib.sh by the scripts of servers that can be killed and begun again: one process
# each, on a port of 127.0.0.1, with its files in .tools/servers/NAME.

place() { echo "$PWD/.tools/servers/$1"; }

# port NAME: the port of a server that was started.
port() {
    [[ -e $(place "$1")/port ]] || fail "no server runs under this name: $1"
    cat "$(place "$1")/port"
}

# serve NAME PORT COMMAND...: starts a server and waits until its port answers.
serve() {
    local folder number=$2
    folder=$(place "$1")
    shift 2
    mkdir -p "$folder/data" "$folder/home"
    env -i PATH="$PATH" HOME="$folder/home" "$@" >>"$folder/log" 2>&1 </dev/null &
    echo $! >"$folder/pid"
    disown
    echo "$number" >"$folder/port"
    begun "$folder" answers "$number"
}

answers() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
