package dev.playground.monitoring.page;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.exceptions.HttpStatusException;

/**
 * {@code GET /page/...}: the scripts and the style of the page. Micronaut's static resources have
 * no route, so the histogram would count them as unmatched.
 */
@Controller("/page")
final class PageController {
    private final Page page;

    PageController(Page page) {
        this.page = page;
    }

    @Get(uri = "/{name}", produces = MediaType.ALL)
    HttpResponse<?> asset(HttpRequest<?> request, String name) {
        return page.asset(name)
                .orElseThrow(
                        () ->
                                new HttpStatusException(
                                        HttpStatus.NOT_FOUND, HttpStatus.NOT_FOUND.getReason()))
                .response(request);
    }
}
