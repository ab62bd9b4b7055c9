package dev.playground.monitoring.errors;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Any exception that has no handler of its own: the caller gets 500, the log the stack trace, once.
 * Micronaut would log it itself, but without the trace id that leads from the metric to this line.
 */
@Singleton
final class UnexpectedErrors implements ExceptionHandler<Throwable, HttpResponse<ErrorBody>> {
    private static final Logger LOG = LoggerFactory.getLogger(UnexpectedErrors.class);

    @Override
    @SuppressWarnings("rawtypes") // of the interface
    public HttpResponse<ErrorBody> handle(HttpRequest request, Throwable exception) {
        // A connection that broke is no error of the service.
        if (!(exception instanceof IOException) || Client.isThere(request)) {
            LOG.error("Unexpected error", exception);
        }
        return HttpResponse.serverError(ErrorBody.INTERNAL);
    }
}
