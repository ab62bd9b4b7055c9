package dev.playground.monitoring.http;

import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.server.exceptions.response.ErrorContext;
import io.micronaut.http.server.exceptions.response.ErrorResponseProcessor;
import io.micronaut.http.server.netty.NettyHttpRequest;
import jakarta.inject.Singleton;
import java.util.Optional;

/**
 * Gives each error response of Micronaut an {@link ErrorBody} with the reason phrase of its status.
 * Micronaut's own body contains paths, types and exception messages.
 */
@Singleton
final class JsonErrorProcessor implements ErrorResponseProcessor<ErrorBody> {
    @Override
    public MutableHttpResponse<ErrorBody> processResponse(
            ErrorContext context, MutableHttpResponse<?> response) {
        if (context.getRootCause().or(() -> malformedHead(context)).orElse(null)
                instanceof RejectedRequestException rejection) {
            response.status(rejection.getStatus()).header(rejection.header, rejection.value);
        }
        ErrorBody body =
                response.code() == HttpStatus.INTERNAL_SERVER_ERROR.getCode()
                        ? ErrorBody.INTERNAL
                        : new ErrorBody(response.reason());
        return response.body(body).contentType(MediaType.APPLICATION_JSON_TYPE);
    }

    /** What {@link MalformedRequestHandler} set; Micronaut does not pass it on. */
    private static Optional<Throwable> malformedHead(ErrorContext context) {
        return context.getRequest() instanceof NettyHttpRequest<?> request
                ? Optional.ofNullable(request.getNativeRequest().decoderResult().cause())
                : Optional.empty();
    }
}
