package dev.playground.monitoring.errors;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;

/**
 * Gives every error that Micronaut finds the one {@link ErrorBody}. The text is that of the status
 * alone: the framework's own names paths, types and exception messages.
 */
@Singleton
final class JsonErrors implements ErrorResponseProcessor<ErrorBody> {
    @Override
    public MutableHttpResponse<ErrorBody> processResponse(
            ErrorContext context, MutableHttpResponse<?> response) {
        ErrorBody body =
                response.code() == HttpStatus.INTERNAL_SERVER_ERROR.getCode()
                        ? ErrorBody.INTERNAL
                        : new ErrorBody(response.reason());
        if (context.getRootCause().orElse(null) instanceof MalformedBodyException) {
            response.header(HttpHeaders.CONNECTION, "close");
        }
        return response.body(body).contentType(MediaType.APPLICATION_JSON_TYPE);
    }
}
