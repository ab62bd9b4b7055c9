package dev.playground.monitoring.incidents;

import dev.playground.monitoring.faults.CallListener;
import dev.playground.monitoring.faults.Fault;
import dev.playground.monitoring.faults.Faults;
import dev.playground.monitoring.faults.InvalidRequestException;
import dev.playground.monitoring.faults.JsonBody;
import dev.playground.monitoring.heavy.Outcome;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Requires;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.HttpStatus;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The latest incident: at most one runs. */
@Context
@Requires(beans = Faults.class)
final class Incidents {
    private static final Logger LOG = LoggerFactory.getLogger(Incidents.class);

    /** Of a random seed: few digits are easy to repeat. */
    private static final int SEEDS = 1_000_000;

    private static final int ID_RADIX = 36;

    /** The first with four digits. */
    private static final long MIN_ID = ID_RADIX * ID_RADIX * ID_RADIX;

    private final Faults faults;
    private final InstantSource clock;

    /** Null before the first one. */
    @Nullable private volatile Incident latest;

    /** Whether the end of the latest is still to come. */
    private boolean endIsDue;

    @Inject
    Incidents(Faults faults, MeterRegistry registry) {
        this(faults, registry, InstantSource.system());
    }

    Incidents(Faults faults, MeterRegistry registry, InstantSource clock) {
        this.faults = faults;
        this.clock = clock;
        Gauge.builder("incident.active", () -> isRunning() ? 1 : 0)
                .description("Whether an incident runs, from its creation to its end")
                .register(registry);
    }

    private boolean isRunning() {
        Incident incident = latest;
        return incident != null && incident.isRunning(clock.instant());
    }

    /**
     * @param level from 1 to {@link Scenario#LEVELS}
     * @param seed null for a random one
     * @throws InvalidRequestException with status 409 while an incident runs or a fault is active
     */
    synchronized Incident.State create(int level, @Nullable Long seed) {
        endIfOver();
        if (isRunning()) {
            String problem = "%s runs until %s".formatted(latest.id(), latest.ends());
            String expected = "none; DELETE /incidents/%s ends it".formatted(latest.id());
            throw new InvalidRequestException(HttpStatus.CONFLICT, "incident", problem, expected);
        }
        ThreadLocalRandom random = ThreadLocalRandom.current();
        Incident incident =
                new Incident(
                        Long.toString(random.nextLong(MIN_ID, MIN_ID * ID_RADIX), ID_RADIX),
                        level,
                        seed == null ? random.nextInt(SEEDS) : seed,
                        faults.normal(),
                        now());
        Scenario scenario = incident.scenario();
        faults.hide(scenario.document(), scenario.delay(), new Calls(incident));
        latest = incident;
        endIsDue = true;
        LOG.info("Incident created: {}", incident.id());
        return incident.state(now());
    }

    /** The latest incident, if there is one. */
    synchronized List<Incident.State> list() {
        endIfOver();
        return latest == null ? List.of() : List.of(latest.state(now()));
    }

    synchronized Incident.State get(String id) {
        return incident(id).state(now());
    }

    synchronized GradedAnswer answer(String id, Answer answer) {
        return incident(id).answer(answer, now());
    }

    /**
     * Removes the faults if these are the causes.
     *
     * @throws InvalidRequestException with status 409 before an answer, and after the end
     */
    synchronized void fix(String id, Set<Fault> causes) {
        Incident incident = incident(id);
        if (!incident.isRunning(now())) {
            throw new InvalidRequestException(
                    HttpStatus.CONFLICT, "incident", id + " has ended", "one that runs");
        }
        // Otherwise one fix per cause would find it without an answer.
        if (!incident.isAnswered()) {
            throw new InvalidRequestException(
                    HttpStatus.CONFLICT,
                    "incident",
                    "no answer yet",
                    "POST /incidents/%s/answer before a fix".formatted(id));
        }
        if (incident.fix(causes, now())) {
            faults.endHidden();
        }
    }

    /** Ends it. */
    synchronized Incident.State delete(String id) {
        Incident incident = incident(id);
        if (incident.isRunning(now())) {
            incident.end(now());
            endIfOver();
        }
        return incident.state(now());
    }

    @PreDestroy
    synchronized void stop() {
        list().forEach(incident -> delete(incident.id()));
    }

    private synchronized void endIfOver() {
        if (endIsDue && !isRunning()) {
            endIsDue = false;
            faults.unhide();
            LOG.info("Incident ended: {}", latest.id());
        }
    }

    /**
     * @throws InvalidRequestException with status 404 for any but the latest
     */
    private Incident incident(String id) {
        endIfOver();
        if (latest == null || !latest.id().equals(id)) {
            throw new InvalidRequestException(
                    HttpStatus.NOT_FOUND,
                    "id",
                    JsonBody.invalidValue(id),
                    latest == null
                            ? "an incident, but there is none"
                            : "the latest, " + latest.id());
        }
        return latest;
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private final class Calls implements CallListener {
        private final Incident incident;

        Calls(Incident incident) {
            this.incident = incident;
        }

        @Override
        public Consumer<Outcome> started(String traceId, boolean faulty) {
            return incident.call(now(), traceId, faulty);
        }

        @Override
        public void endIfOver() {
            Incidents.this.endIfOver();
        }
    }
}
