package dev.playground.monitoring.http;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.exceptions.HttpStatusException;

/** A request that HTTP itself requires to reject, with the header that the response must have. */
final class RejectedRequestException extends HttpStatusException {
    private static final long serialVersionUID = 1L;

    final String header;
    final String value;

    private RejectedRequestException(HttpStatus status, String header, String value) {
        super(status, status.getReason());
        this.header = header;
        this.value = value;
    }

    /** For a request after which the connection cannot be used again. */
    static RejectedRequestException closing(HttpStatus status) {
        return new RejectedRequestException(status, HttpHeaders.CONNECTION, "close");
    }

    /** For a compressed body (RFC 9110, section 15.5.16). */
    static RejectedRequestException unsupportedCoding() {
        return new RejectedRequestException(
                HttpStatus.UNSUPPORTED_MEDIA_TYPE, HttpHeaders.ACCEPT_ENCODING, "identity");
    }
}
