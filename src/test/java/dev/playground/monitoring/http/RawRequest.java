package dev.playground.monitoring.http;

/** Requests, valid and malformed, with the labels of the sample that they must leave. */
public enum RawRequest {
    OK("GET / HTTP/1.1", "", "GET", "/", 200),
    HEAD("HEAD / HTTP/1.1", "", "HEAD", "/", 200),
    WRONG_PATH("GET /no/such HTTP/1.1", "", "GET", "unmatched", 404),
    WRONG_METHOD("DELETE / HTTP/1.1", "", "DELETE", "unmatched", 405),
    UNKNOWN_METHOD("BREW / HTTP/1.1", "", "OTHER", "unmatched", 405),
    UNACCEPTABLE_TYPE("GET / HTTP/1.1", "Accept: image/png\r\n", "GET", "unmatched", 406),
    INVALID_ESCAPE("GET /%zz HTTP/1.1", "", "GET", "unmatched", 400),
    INVALID_CHARACTER("GET /a|b HTTP/1.1", "", "GET", "unmatched", 400),
    INVALID_HOST("GET http://[x HTTP/1.1", "", "GET", "unmatched", 400),
    MALFORMED_LINE("garbage", "", "OTHER", "unmatched", 400),
    MALFORMED_VERSION("GET / HTTP/one", "", "OTHER", "unmatched", 400),
    MALFORMED_HEADER("GET / HTTP/1.1", "a b\001: c\r\n", "OTHER", "unmatched", 400),
    MALFORMED_HEAD_REQUEST("HEAD / HTTP/1.1", "a b\001: c\r\n", "OTHER", "unmatched", 400),
    MALFORMED_LENGTH("GET / HTTP/1.1", "Content-Length: many\r\n", "OTHER", "unmatched", 400),
    LONG_URI("GET /" + "a".repeat(9000) + " HTTP/1.1", "", "OTHER", "unmatched", 413),
    LONG_HEADER("GET / HTTP/1.1", "X: " + "a".repeat(9000) + "\r\n", "OTHER", "unmatched", 413),
    LARGE_BODY_ANNOUNCED("GET / HTTP/1.1", "Content-Length: 70000\r\n", "GET", "/", 413),
    LARGE_BODY_CHUNKED(
            "GET / HTTP/1.1", chunked("11170\r\n" + "a".repeat(70_000)), "GET", "/", 413),
    IDENTITY_BODY("GET / HTTP/1.1", coded("Identity, identity"), "GET", "/", 200),
    GZIP_WITHOUT_BODY("GET / HTTP/1.1", "Content-Encoding: gzip\r\n", "GET", "/", 200),
    GZIP_BODY("GET / HTTP/1.1", coded("gzip"), "GET", "/", 415),
    DEFLATE_BODY("GET / HTTP/1.1", coded("DEFLATE"), "GET", "/", 415),
    SNAPPY_BODY("GET / HTTP/1.1", coded("snappy"), "GET", "/", 415),
    UNKNOWN_CODING("GET / HTTP/1.1", coded("no-such"), "GET", "/", 415),
    TWO_CODINGS("GET / HTTP/1.1", coded("identity, br"), "GET", "/", 415),
    GZIP_CHUNKED(
            "GET / HTTP/1.1", "Content-Encoding: gzip\r\n" + chunked("2\r\nno"), "GET", "/", 415),
    GZIP_UNMATCHED("GET /no/such HTTP/1.1", coded("gzip"), "GET", "unmatched", 415),
    MALFORMED_CHUNK("GET / HTTP/1.1", chunked("zz"), "GET", "/", 400),
    SIMULATED_ERROR("GET /heavy-computation HTTP/1.1", "", "GET", "/heavy-computation", 500),
    EXCLUDED_TYPE("GET / HTTP/1.1", "Accept: text/plain;q=0\r\n", "GET", "/", 406),
    NO_HOST("GET / HTTP/1.1\r\n\r\n", 400),
    NO_HOST_HTTP_1_0("GET / HTTP/1.0\r\n\r\n", "GET", "/", 200),
    TWO_HOSTS("GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n", 400),
    TWO_HOSTS_HTTP_1_0("GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    HOST_WITH_SPACE("GET / HTTP/1.1\r\nHost: x y\r\n\r\n", 400),
    HOST_WITH_PATH("GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
    HOST_WITH_USER("GET / HTTP/1.1\r\nHost: a@x\r\n\r\n", 400),
    EMPTY_HOST("GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET", "/", 200),
    IPV6_HOST("GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]:3000\r\n\r\n", "GET", "/", 200),
    NAMED_HOST("GET / HTTP/1.1\r\nHost: my_app.ns.svc:80\r\n\r\n", "GET", "/", 200),
    UNKNOWN_TRANSFER_CODING("GET / HTTP/1.1", transfer("gzip, chunked"), "OTHER", "unmatched", 400),
    UNCHUNKED_TRANSFER_CODING("GET / HTTP/1.1", transfer("gzip"), "OTHER", "unmatched", 400),
    HTTP_1_2("GET / HTTP/1.2", "", "GET", "/", 200),
    HTTP_0_9("GET / HTTP/0.9\r\n\r\n", 505),
    HTTP_2_0("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    HTTP_3_0_HEAD("HEAD / HTTP/3.0\r\nHost: x\r\n\r\n", 505),
    HTTP_2_PREFACE("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);

    public final String text;
    public final String method;
    public final String route;
    public final int status;

    RawRequest(String line, String headers, String method, String route, int status) {
        this(line + "\r\nHost: x\r\n" + headers + "\r\n", method, route, status);
    }

    /** A request whose head is rejected. */
    RawRequest(String text, int status) {
        this(text, "OTHER", "unmatched", status);
    }

    RawRequest(String text, String method, String route, int status) {
        this.text = text;
        this.method = method;
        this.route = route;
        this.status = status;
    }

    /** A blank line ends the head; the rest is the body. */
    private static String coded(String coding) {
        return "Content-Encoding: " + coding + "\r\nContent-Length: 2\r\n\r\n";
    }

    private static String transfer(String coding) {
        return chunked("2\r\nno").replace("chunked", coding);
    }

    private static String chunked(String body) {
        return "Transfer-Encoding: chunked\r\n\r\n" + body + "\r\n0\r\n";
    }
}
