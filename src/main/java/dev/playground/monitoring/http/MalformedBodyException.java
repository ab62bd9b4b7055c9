package dev.playground.monitoring.http;

import io.micronaut.http.HttpStatus;
import io.micronaut.http.exceptions.HttpStatusException;

/** A body with invalid framing: the response is 400, and the connection cannot be used again. */
final class MalformedBodyException extends HttpStatusException {
    private static final long serialVersionUID = 1L;

    MalformedBodyException() {
        super(HttpStatus.BAD_REQUEST, HttpStatus.BAD_REQUEST.getReason());
    }
}
