package dev.playground.monitoring.http;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.server.exceptions.ExceptionHandler;
import jakarta.inject.Singleton;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles each exception without a handler of its own: the client gets 500, and the stack trace is
 * logged once. Micronaut would log it without the trace id.
 */
@Singleton
final class UnexpectedErrorHandler implements ExceptionHandler<Throwable, HttpResponse<ErrorBody>> {
    private static final Logger LOG = LoggerFactory.getLogger(UnexpectedErrorHandler.class);

    @Override
    @SuppressWarnings("rawtypes") // of the interface
    public HttpResponse<ErrorBody> handle(HttpRequest request, Throwable exception) {
        // A broken connection is not an error of the service.
        if (!(exception instanceof IOException) || Client.isConnected(request)) {
            LOG.error("Unexpected error", exception);
        }
        return HttpResponse.serverError(ErrorBody.INTERNAL);
    }
}
