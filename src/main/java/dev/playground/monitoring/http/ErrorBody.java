package dev.playground.monitoring.http;

import io.micronaut.serde.annotation.Serdeable;

/**
 * The body of every error response.
 *
 * @param error one sentence for the caller, without internal details
 */
@Serdeable
public record ErrorBody(String error) {
    /** For every internal error: the cause is logged and not sent. */
    public static final ErrorBody INTERNAL = new ErrorBody("Internal server error");
}
