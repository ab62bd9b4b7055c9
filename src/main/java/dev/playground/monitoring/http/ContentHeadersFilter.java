package dev.playground.monitoring.http;

import io.micronaut.core.annotation.Order;
import io.micronaut.core.type.Argument;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpMethod;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.ResponseFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.http.body.MessageBodyHandlerRegistry;
import io.micronaut.http.filter.ConditionalFilter;
import io.micronaut.web.router.RouteAttributes;
import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * Sets the Content-Type to the type of the route, and the Content-Length of a response to HEAD.
 * Micronaut would copy the Content-Type with all parameters from the Accept header, and would send
 * neither header in a response to HEAD, and close the connection ({@code
 * RoutingInBoundHandler.writeResponse}, {@code PipeliningServerHandler.preprocess}).
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
@Order(FilterOrder.CONTENT_HEADERS)
final class ContentHeadersFilter implements ConditionalFilter {
    private final MessageBodyHandlerRegistry writers;

    ContentHeadersFilter(MessageBodyHandlerRegistry writers) {
        this.writers = writers;
    }

    @Override
    public boolean isEnabled(HttpRequest<?> request) {
        return request.getMethod() == HttpMethod.HEAD
                || request.getHeaders().contains(HttpHeaders.ACCEPT);
    }

    @ResponseFilter
    void complete(HttpRequest<?> request, MutableHttpResponse<?> response) {
        if (response.getContentType().isEmpty()) {
            RouteAttributes.getRouteInfo(response)
                    .flatMap(route -> route.getProduces().stream().findFirst())
                    .ifPresent(response::contentType);
        }
        if (request.getMethod() == HttpMethod.HEAD) {
            Object body =
                    RouteAttributes.getHeadBody(response)
                            .or(response::getBody)
                            .orElseGet(() -> new byte[0]);
            response.contentLength(length(body, response));
        }
    }

    /** The number of bytes that a response to GET would have. */
    private int length(Object body, MutableHttpResponse<?> response) {
        Argument<Object> type = Argument.ofInstance(body);
        MediaType mediaType = response.getContentType().orElse(MediaType.APPLICATION_JSON_TYPE);
        var bytes = new ByteArrayOutputStream();
        writers.getWriter(type, List.of(mediaType))
                .writeTo(type, mediaType, body, response.getHeaders(), bytes);
        return bytes.size();
    }
}
