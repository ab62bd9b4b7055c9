package dev.playground.monitoring.home;

import dev.playground.monitoring.page.Page;
import io.micronaut.context.BeanProvider;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET /}: the fastest response, as a baseline. */
@Controller
final class HomeController {
    private static final Logger LOG = LoggerFactory.getLogger(HomeController.class);

    // playground:start
    /** Not created before the first browser asks. */
    private final BeanProvider<Page> page;

    HomeController(BeanProvider<Page> page) {
        this.page = page;
    }

    // playground:end

    @Get(
            produces = {
                MediaType.TEXT_PLAIN,
                // playground:start
                MediaType.TEXT_HTML,
                // playground:end
            })
    HttpResponse<?> greet(HttpRequest<?> request) {
        LOG.info("Request received on / route");
        MutableHttpResponse<?> response = HttpResponse.ok("Hello World");
        // playground:start
        if (Page.isPreferred(request)) {
            response = page.get().response(request);
        }
        // playground:end
        return response.header(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    }
}
