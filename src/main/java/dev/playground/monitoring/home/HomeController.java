package dev.playground.monitoring.home;

import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code GET /}: the fastest response, as a baseline. */
@Controller
final class HomeController {
    private static final Logger LOG = LoggerFactory.getLogger(HomeController.class);

    @Get(produces = MediaType.TEXT_PLAIN)
    String greet() {
        LOG.info("Request received on / route");
        return "Hello World";
    }
}
