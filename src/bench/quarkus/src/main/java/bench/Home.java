package bench;

import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import org.jboss.logging.Logger;

/** Quarkus with Micrometer and a JSON log. It does not push. */
@Path("/")
public class Home {
    private static final Logger LOG = Logger.getLogger(Home.class);

    @GET
    @Produces("text/plain")
    @NonBlocking // On the event loop, like this project's service.
    public String greet() {
        LOG.info("Request received on / route");
        return "Hello World";
    }
}
