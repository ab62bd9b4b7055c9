package dev.playground.monitoring.http;

import io.micronaut.core.annotation.Order;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.http.exceptions.HttpStatusException;
import io.micronaut.http.filter.ConditionalFilter;
import io.micronaut.web.router.RouteAttributes;
import java.util.Collection;
import java.util.List;

/**
 * Responds with 406 when the client excludes the type of the route by {@code q=0}. Micronaut's
 * router ignores the quality ({@code RouteInfo.doesProduce}).
 */
@ServerFilter(ServerFilter.MATCH_ALL_PATTERN)
@Order(FilterOrder.ACCEPT)
final class AcceptFilter implements ConditionalFilter {
    @Override
    public boolean isEnabled(HttpRequest<?> request) {
        return request.getHeaders().contains(HttpHeaders.ACCEPT);
    }

    @RequestFilter
    void check(HttpRequest<?> request) {
        Collection<MediaType> accept = request.accept();
        List<MediaType> produces =
                RouteAttributes.getRouteMatch(request)
                        .map(route -> route.getRouteInfo().getProduces())
                        .orElse(List.of());
        // A route that produces any type selects it itself.
        if (!accept.isEmpty()
                && !produces.isEmpty()
                && !produces.contains(MediaType.ALL_TYPE)
                && produces.stream().noneMatch(type -> accepts(accept, type))) {
            throw new HttpStatusException(
                    HttpStatus.NOT_ACCEPTABLE, HttpStatus.NOT_ACCEPTABLE.getReason());
        }
    }

    private static boolean accepts(Collection<MediaType> accept, MediaType type) {
        return Accept.range(accept, type)
                .filter(range -> range.getQualityAsNumber().signum() > 0)
                .isPresent();
    }
}
