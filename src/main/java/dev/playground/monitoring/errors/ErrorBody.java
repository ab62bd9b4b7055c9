package dev.playground.monitoring.errors;

import io.micronaut.serde.annotation.Serdeable;

/**
 * The body of every answer that is an error.
 *
 * @param error one sentence for the caller, with nothing of the inside in it
 */
@Serdeable
public record ErrorBody(String error) {
    /** Whatever went wrong inside: the cause is in the log, not in the answer. */
    public static final ErrorBody INTERNAL = new ErrorBody("Internal server error");
}
