package dev.playground.monitoring.faults;

import ch.qos.logback.core.util.NetworkAddressUtil;
import io.micronaut.context.annotation.Requires;
import io.micronaut.context.annotation.Value;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.MediaType;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Put;
import io.micronaut.json.tree.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** {@code /faults}: the active document. Each response has the state after the request. */
@Controller("/faults")
@Requires(beans = Faults.class)
final class FaultsController {
    private final Faults faults;
    private final String instance;

    /**
     * @param pod empty outside of Kubernetes
     */
    FaultsController(Faults faults, @Value("${POD_NAME:}") String pod) {
        this.faults = faults;
        // As the label of the log lines (logback.xml).
        this.instance = pod.isEmpty() ? new NetworkAddressUtil(null).safelyGetLocalHostName() : pod;
    }

    @Get
    JsonNode get(HttpRequest<?> request) {
        JsonRequest.rejectCrossSite(request);
        return state();
    }

    @Delete
    JsonNode delete(HttpRequest<?> request) {
        JsonRequest.rejectCrossSite(request);
        faults.delete();
        return state();
    }

    @Put(consumes = MediaType.ALL)
    CompletionStage<JsonNode> put(ServerHttpRequest<?> request) {
        return JsonRequest.read(
                request,
                body -> {
                    faults.start(FaultReader.read(body));
                    return state();
                });
    }

    private JsonNode state() {
        Effects effects = faults.effects();
        Map<String, JsonNode> state = new LinkedHashMap<>();
        state.put("active", JsonNode.from(effects != null));
        state.put("faults", JsonNode.createObjectNode(effects == null ? Map.of() : effects.json()));
        long secondsLeft = 0;
        if (effects != null) {
            if (effects.progress() < 1) {
                state.put("target", JsonNode.createObjectNode(effects.afterRamp().json()));
            }
            FaultDocument document = effects.document();
            state.put("for", JsonNode.from(Durations.format(document.lasts())));
            state.put("ramp", JsonNode.from(Durations.format(document.ramp())));
            if (document.seed() != null) {
                state.put("seed", JsonNode.from(document.seed()));
            }
            // Rounded up, so that it is 0 only at the end.
            secondsLeft = effects.left().plusNanos(999_999_999).toSeconds();
        }
        state.put("secondsLeft", JsonNode.from(secondsLeft));
        state.put("instance", JsonNode.from(instance));
        return JsonNode.createObjectNode(state);
    }
}
