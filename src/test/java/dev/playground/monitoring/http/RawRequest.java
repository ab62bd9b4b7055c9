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
    MALFORMED_CHUNK("GET / HTTP/1.1", chunked("zz"), "GET", "/", 400),
    SIMULATED_ERROR("GET /heavy-computation HTTP/1.1", "", "GET", "/heavy-computation", 500);

    public final String text;
    public final String method;
    public final String route;
    public final int status;

    RawRequest(String line, String headers, String method, String route, int status) {
        this.text = line + "\r\nHost: x\r\n" + headers + "\r\n";
        this.method = method;
        this.route = route;
        this.status = status;
    }

    private static String chunked(String body) {
        return "Transfer-Encoding: chunked\r\n\r\n" + body + "\r\n0\r\n";
    }
}
