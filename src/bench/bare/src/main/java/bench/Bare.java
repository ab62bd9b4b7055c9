package bench;

import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.runtime.Micronaut;
import java.util.Map;

/** The service's route {@code /} without telemetry: the limit of what the service can reach. */
@Controller
final class Bare {
    public static void main(String[] args) {
        Micronaut.build(args)
                .mainClass(Bare.class)
                .banner(false)
                .properties(Map.of("micronaut.server.port", System.getenv("PORT")))
                .start();
    }

    @Get(produces = MediaType.TEXT_PLAIN)
    String greet() {
        return "Hello World";
    }
}
