package dev.playground.monitoring.faults;

import dev.playground.monitoring.http.ErrorBody;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;

/** A request that is rejected. Its message is for the client: name, value, what is valid. */
public final class InvalidRequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final HttpStatus status;

    public InvalidRequestException(
            HttpStatus status, String name, String problem, String expected) {
        super("%s: %s: expected %s".formatted(name, problem, expected));
        this.status = status;
    }

    @Singleton
    static final class Handler
            implements ExceptionHandler<InvalidRequestException, HttpResponse<ErrorBody>> {
        @Override
        @SuppressWarnings("rawtypes") // of the interface
        public HttpResponse<ErrorBody> handle(
                HttpRequest request, InvalidRequestException exception) {
            return HttpResponse.<ErrorBody>status(exception.status)
                    .body(new ErrorBody(exception.getMessage()));
        }
    }
}
