package dev.playground.monitoring.http;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import jakarta.inject.Singleton;

/**
 * Gives each error response of Micronaut an {@link ErrorBody} with the reason phrase of its status.
 * Micronaut's own body contains paths, types and exception messages.
 */
@Singleton
final class JsonErrorProcessor implements ErrorResponseProcessor<ErrorBody> {
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
