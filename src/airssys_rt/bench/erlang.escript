#!/usr/bin/env escript
%%! +sbwt none +sbwtdcpu none +sbwtdio none +P 4000000
%% The same cases on the BEAM. Reads lines "case n", answers each with one line: the wall and the
%% CPU time of every part of the case, in nanoseconds, or for a quantity the quantity itself.
%% Each case runs in a process of its own and checks its result. The emulator's flags count on the
%% second line only: schedulers do not spin when idle, because others are measured in turn with this,
%% and there may be a million processes.
-mode(compile).
-export([init/1, handle_call/3, handle_cast/2]).

main(_) ->
    io:format("~s~n", [erlang:system_info(otp_release)]),
    serve(io:get_line("")).

serve(eof) -> ok;
serve(Line) ->
    [Case, Count] = string:lexemes(string:trim(Line), " "),
    {Pid, Ref} = spawn_monitor(fun() -> exit({measured, run(Case, list_to_integer(Count))}) end),
    receive
        {'DOWN', Ref, process, Pid, {measured, Numbers}} ->
            io:format("~s~n", [lists:join(" ", [integer_to_list(N) || N <- Numbers])]);
        {'DOWN', Ref, process, Pid, Why} ->
            io:format("error ~0p~n", [Why])
    end,
    serve(io:get_line("")).

%% ---------------------------------------------------------------- the clock

stamp() -> {erlang:monotonic_time(nanosecond), element(1, erlang:statistics(runtime))}.

timed(Work) ->
    {Wall, Cpu} = stamp(),
    Result = Work(),
    {Wall2, Cpu2} = stamp(),
    {[Wall2 - Wall, (Cpu2 - Cpu) * 1000000], Result}.

%% ---------------------------------------------------------------- the cases

run("tell", N) ->
    Counter = spawn(fun() -> counter(0) end),
    {Times, N} = timed(fun() -> tell(Counter, N), total(Counter) end),
    Times;
run("ask", N) ->
    {ok, Server} = gen_server:start(?MODULE, none, []),
    {Times, Sum} = timed(fun() -> ask(Server, N, 0) end),
    Sum = N * (N + 1) div 2,
    gen_server:stop(Server),
    Times;
run("ring", N) -> ring(1000, N);
run("ping_pong", N) -> ring(2, N);
run("spawn", N) ->
    stop(start(N)),
    {Times, Actors} = timed(fun() -> start(N) end),
    stop(Actors),
    Times;
run("spawn_stop", N) ->
    stop(start(N)),
    {Times, ok} = timed(fun() -> stop(start(N)) end),
    Times;
run("population", N) ->
    {Started, Actors} = timed(fun() -> start(N) end),
    {Told, N} = timed(fun() -> [A ! {tick, 1} || A <- Actors], lists:sum([total(lists:last(Actors))]) + N - 1 end),
    {Stopped, ok} = timed(fun() -> stop(Actors) end),
    Started ++ Told ++ Stopped;
run("timers", N) ->
    {Set, Timers} = timed(fun() -> [erlang:send_after(60000, self(), tick) || _ <- lists:seq(1, N)] end),
    {Cancelled, N} = timed(fun() -> length([T || T <- Timers, is_integer(erlang:cancel_timer(T))]) end),
    Set ++ Cancelled;
run("memory", N) ->
    erlang:garbage_collect(),
    Before = erlang:memory(processes),
    Actors = start(N),
    [A ! {tick, 1} || A <- Actors],
    1 = total(lists:last(Actors)),
    After = erlang:memory(processes),
    stop(Actors),
    [(After - Before) div N].

%% ---------------------------------------------------------------- the actors

counter(Count) ->
    receive
        {tick, _} -> counter(Count + 1);
        {total, From, Ref} -> From ! {Ref, Count}, counter(Count);
        stop -> ok
    end.

node(Next, Owner) ->
    receive
        {hop, 0} -> Owner ! done;
        {hop, Left} -> Next ! {hop, Left - 1}, node(Next, Owner)
    end.

init(State) -> {ok, State}.
handle_call({ping, N}, _From, State) -> {reply, N, State}.
handle_cast(_, State) -> {noreply, State}.

%% ---------------------------------------------------------------- what is done to them

ring(Size, Hops) ->
    Me = self(),
    Nodes = [spawn(fun() -> receive {link, Next} -> node(Next, Me) end end) || _ <- lists:seq(1, Size)],
    [Node ! {link, Next} || {Node, Next} <- lists:zip(Nodes, tl(Nodes) ++ [hd(Nodes)])],
    {Times, done} = timed(fun() -> hd(Nodes) ! {hop, Hops - 1}, receive done -> done end end),
    [exit(Node, kill) || Node <- Nodes],
    Times.

tell(_, 0) -> ok;
tell(Pid, N) -> Pid ! {tick, N}, tell(Pid, N - 1).

total(Pid) ->
    Ref = make_ref(),
    Pid ! {total, self(), Ref},
    receive {Ref, Count} -> Count end.

ask(_, 0, Sum) -> Sum;
ask(Server, N, Sum) -> ask(Server, N - 1, Sum + gen_server:call(Server, {ping, N})).

start(N) ->
    Actors = [spawn(fun() -> counter(0) end) || _ <- lists:seq(1, N)],
    0 = total(lists:last(Actors)),
    Actors.

stop(Actors) ->
    Ref = monitor(process, lists:last(Actors)),
    [A ! stop || A <- Actors],
    receive {'DOWN', Ref, process, _, _} -> ok end.
