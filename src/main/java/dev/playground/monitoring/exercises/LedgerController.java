package dev.playground.monitoring.exercises;

import dev.playground.monitoring.faults.JsonRequest;
import io.micronaut.context.annotation.Requires;
import io.micronaut.core.propagation.PropagatedContext;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.serde.annotation.Serdeable;
import jakarta.inject.Named;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /ledger}: writes numbered log lines, which {@code src/ledger/count} counts in Loki.
 */
@Controller("/ledger")
@Requires(property = "faults.enabled", value = "true")
final class LedgerController {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerController.class);

    /** Loki returns at most 5,000 lines, and each may be stored twice. */
    private static final CountBody BODY = new CountBody("lines", 1, 2_000);

    /** The numbers with five digits to the base 36. */
    private static final int FIRST_ID = 36 * 36 * 36 * 36;

    private final ExecutorService blocking;

    LedgerController(@Named(TaskExecutors.BLOCKING) ExecutorService blocking) {
        this.blocking = blocking;
    }

    @Post(consumes = MediaType.ALL)
    CompletionStage<HttpResponse<Ledger>> write(ServerHttpRequest<?> request) {
        PropagatedContext trace = PropagatedContext.get();
        return JsonRequest.read(request, BODY::read)
                // Standard output may block.
                .thenApplyAsync(
                        lines -> trace.propagate(() -> HttpResponse.created(write(lines))),
                        blocking);
    }

    private static Ledger write(int lines) {
        int number = ThreadLocalRandom.current().nextInt(FIRST_ID, FIRST_ID * 36);
        String id = Integer.toString(number, 36);
        for (int line = 1; line <= lines; line++) {
            LOG.info("Ledger {}: line {} of {}", id, line, lines);
        }
        return new Ledger(id, lines, "src/ledger/count " + id);
    }

    /**
     * @param count the command that counts the stored lines
     */
    @Serdeable
    record Ledger(String id, int lines, String count) {}
}
