package dev.playground.monitoring.errors;

import io.micronaut.http.HttpStatus;
import io.micronaut.http.exceptions.HttpStatusException;

/** A body that breaks HTTP's framing: answered with 400, and nothing behind it can be read. */
public final class MalformedBodyException extends HttpStatusException {
    private static final long serialVersionUID = 1L;

    public MalformedBodyException() {
        super(HttpStatus.BAD_REQUEST, HttpStatus.BAD_REQUEST.getReason());
    }
}
