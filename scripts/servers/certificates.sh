# Sourced by the scripts of servers that speak TLS: certificates for tests, good for two days.

# certificates FOLDER: makes an authority (ca.pem), a certificate of it for 127.0.0.1
# (server.pem, server.key), one for clients (client.pem, client.key), and another authority
# that vouches for nobody (other.pem).
certificates() {
    local new=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
    needs openssl openssl
    mkdir -p "$1"
    (
        cd "$1"
        for name in ca other; do
            openssl req -x509 "${new[@]}" -days 2 -subj "/CN=$name" -keyout "$name.key" -out "$name.pem"
        done
        for name in server client; do
            openssl req "${new[@]}" -subj "/CN=$name" -keyout "$name.key" -out "$name.request"
            openssl x509 -req -in "$name.request" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out "$name.pem" \
                -extfile <(echo 'subjectAltName=IP:127.0.0.1')
        done
    ) 2>"$1/log" || { cat "$1/log" >&2 && fail 'no certificates can be made; the words of openssl are above'; }
}
