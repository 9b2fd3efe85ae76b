#!/usr/bin/env escript
%% OTP's own supervisor, as the oracle. Reads one script a line, an Erlang term {Unlucky, Root,
%% [Operation]}, where Unlucky is the worker whose first start fails, or none. Answers each with one
%% line of JSON: a list of steps, the first of them the start of the tree, the last its shutdown,
%% each [Answer, [Event], [State]].
%%
%% Nothing here sleeps, and the order of events is exact:
%%  - a start is written down by the child's own init, an end by the virtual machine (a trace of
%%    the process, with its reason, also for a kill). Both carry a number from one counter that
%%    only grows (`unique_integer([monotonic])`, which strict timestamps of traces contain), so
%%    sorting by it gives an order that agrees with cause and effect.
%%  - a tree is quiet when (1) every dead child is out of its supervisor's links, so that the
%%    `EXIT` is in the supervisor's queue or handled; (2) after that every living supervisor has
%%    answered a call, so that it is handled; (3) no child is `restarting`, as its `try_again` would
%%    still be queued behind the call; and (4) nothing started or ended in the meantime.
%%! +sbwt none +sbwtdcpu none +sbwtdio none
-mode(compile).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).
-export([start_worker/1, start_supervisor/1]).

main(_) ->
    logger:set_primary_config(level, none),
    io:format("~s~n", [erlang:system_info(otp_release)]),
    serve(io:get_line("")).

serve(eof) -> ok;
serve(Line) ->
    {ok, Tokens, _} = erl_scan:string(Line),
    {ok, {Unlucky, Root, Operations}} = erl_parse:parse_term(Tokens ++ [{dot, 1}]),
    {Pid, Ref} = spawn_monitor(fun() -> exit({ran, run(Unlucky, Root, Operations)}) end),
    receive
        {'DOWN', Ref, process, Pid, {ran, Steps}} -> io:format("~s~n", [json(Steps)]);
        {'DOWN', Ref, process, Pid, Why} -> io:format("error ~0p~n", [Why])
    end,
    serve(io:get_line("")).

json([]) -> "[]";
json(List) when is_list(List) -> ["[", lists:join(",", [json(X) || X <- List]), "]"];
json(Number) when is_integer(Number) -> integer_to_list(Number);
json(Atom) -> [$", atom_to_list(Atom), $"].

%% ---------------------------------------------------------------- a script

run(Unlucky, Root, Operations) ->
    process_flag(trap_exit, true),
    log = ets:new(log, [ordered_set, public, named_table]),         % {Number, Event}
    live = ets:new(live, [set, public, named_table]),               % {Pid, Id, Kind, Parent}
    ids = ets:new(ids, [set, public, named_table]),                 % {Id, its last Pid}
    up = ets:new(up, [set, public, named_table]),                   % {Pid} that has started
    failures = ets:new(failures, [set, public, named_table]),       % {Id, starts that fail}
    put(tracer, Tracer = spawn_link(fun tracer/0)),
    Flags = [procs, set_on_spawn, strict_monotonic_timestamp, {tracer, Tracer}],
    1 = erlang:trace(self(), true, Flags),
    ets:insert(failures, {Unlucky, 1}),
    First = step(fun() -> answer(start_supervisor(Root)) end),
    Steps = [step(fun() -> operate(Operation) end) || Operation <- Operations],
    Last = step(fun() -> shut_down(pid_of(element(2, Root))) end),
    events([First | Steps] ++ [Last], lists:flatmap(fun event/1, ets:tab2list(log))).

tracer() ->
    receive
        {trace_ts, Pid, exit, Reason, {_, Number}} -> ets:insert(log, {Number, {exit, Pid, Reason}});
        {flush, From} -> From ! flushed;
        _ -> ok
    end,
    tracer().

%% What is done, its answer, the number that its events stay below, and the state after it.
step(Do) ->
    Answer = Do(),
    settle(),
    {Answer, erlang:unique_integer([monotonic]), states()}.

events([], []) -> [];
events([{Answer, Bound, States} | Steps], Events) ->
    {Mine, Later} = lists:splitwith(fun({Number, _}) -> Number < Bound end, Events),
    [[Answer, [Event || {_, Event} <- Mine], States] | events(Steps, Later)].

%% The end of what never came up is no event: the failed start is.
event({Number, {exit, Pid, Reason}}) ->
    case {ets:lookup(live, Pid), ets:member(up, Pid)} of
        {[{Pid, Id, _, _}], true} -> [{Number, [stop, Id, class(Reason)]}];
        _ -> []
    end;
event({Number, {What, Id}}) -> [{Number, [What, Id]}].

class(normal) -> normal;
class(shutdown) -> shutdown;
class(killed) -> killed;
class(_) -> failed.

shut_down(none) -> gone;
shut_down(Pid) -> exit(Pid, shutdown), await_end(Pid), ok.

%% ---------------------------------------------------------------- operations

operate({fail, Id, Count}) -> ets:insert(failures, {Id, Count}), ok;
operate({crash, Id}) -> end_it(Id, crash);
operate({exit, Id}) -> end_it(Id, leave);
operate({both, Sup, {A, HowA}, {B, HowB}}) ->
    %% both die before their supervisor hears of it, in this order
    case pid_of(Sup) of
        none -> gone;
        Pid ->
            sys:suspend(Pid),
            First = end_it(A, HowA),
            acknowledged(),
            Second = end_it(B, HowB),
            acknowledged(),
            sys:resume(Pid),
            case {First, Second} of {ok, ok} -> ok; _ -> absent end
    end;
operate({Verb, Sup, What}) ->
    case pid_of(Sup) of
        none -> gone;
        Pid -> administer(Verb, Pid, ets:lookup_element(live, Pid, 3), What)
    end.

end_it(Id, How) ->
    case pid_of(Id) of
        none -> absent;
        Pid ->
            case ets:lookup_element(live, Pid, 3) of
                worker -> Pid ! How, await_end(Pid), ok;
                _ when How =:= leave -> gen_server:stop(Pid, normal, infinity), ok
            end
    end.

administer(start, Pid, dynamic, Spec) -> answer(supervisor:start_child(Pid, [element(2, Spec)]));
administer(start, Pid, _, Spec) -> answer(supervisor:start_child(Pid, child_spec(Spec)));
administer(terminate, Pid, dynamic, Id) ->
    case pid_of(Id) of
        none -> absent;
        Child -> answer(supervisor:terminate_child(Pid, Child))
    end;
administer(_, _, dynamic, _) -> absent;
administer(terminate, Pid, _, Id) -> answer(supervisor:terminate_child(Pid, Id));
administer(restart, Pid, _, Id) -> answer(supervisor:restart_child(Pid, Id));
administer(delete, Pid, _, Id) -> answer(supervisor:delete_child(Pid, Id)).

answer(ok) -> ok;
answer({ok, _}) -> ok;
answer({error, already_present}) -> taken;
answer({error, {already_started, _}}) -> taken;
answer({error, Known}) when Known =:= not_found; Known =:= running; Known =:= restarting -> Known;
answer({error, {bad_combination, _}}) -> wrong;
answer({error, _}) -> start_failed.

pid_of(Id) ->
    case ets:lookup(ids, Id) of
        [{Id, Pid}] -> case is_process_alive(Pid) of true -> Pid; false -> none end;
        [] -> none
    end.

await_end(Pid) ->
    Ref = monitor(process, Pid),
    receive {'DOWN', Ref, process, Pid, _} -> ok end.

%% ---------------------------------------------------------------- quiet

settle() ->
    Before = erlang:unique_integer([monotonic]),
    acknowledged(),
    Answers = [children(Pid) || Pid <- supervisors()],
    all_written(),
    Dead = lists:member(dead, Answers),
    Restarting = [x || {_, Children} <- Answers, {_, restarting, _, _} <- Children],
    News = ets:next(log, Before) =/= '$end_of_table',
    if Dead; Restarting =/= []; News -> settle(); true -> ok end.

%% Wait until the log has all ends that there were.
all_written() ->
    Delivered = erlang:trace_delivered(all),
    receive {trace_delivered, all, Delivered} -> ok end,
    get(tracer) ! {flush, self()},
    receive flushed -> ok end.

%% Wait until no dead child is linked to its supervisor.
acknowledged() ->
    Waiting = [x || {Pid, _, _, Parent} <- ets:tab2list(live), not is_process_alive(Pid), linked(Parent, Pid)],
    case Waiting of
        [] -> ok;
        _ -> erlang:yield(), acknowledged()
    end.

linked(Parent, _) when Parent =:= self() -> false;
linked(Parent, Pid) ->
    case process_info(Parent, links) of
        {links, Links} -> lists:member(Pid, Links);
        undefined -> false
    end.

supervisors() -> [Pid || {Pid, _, Kind, _} <- ets:tab2list(live), Kind =/= worker, is_process_alive(Pid)].

children(Pid) ->
    try {Pid, supervisor:which_children(Pid)} catch exit:_ -> dead end.

states() -> lists:sort([state(Pid) || Pid <- supervisors()]).

state(Pid) ->
    [{Pid, Id, Kind, _}] = ets:lookup(live, Pid),
    {Pid, Children} = children(Pid),
    Counts = [Count || {_, Count} <- supervisor:count_children(Pid)],
    [Id, listed(Kind, lists:reverse(Children)), Counts].

listed(dynamic, Children) ->
    lists:sort([[ets:lookup_element(live, Child, 2), up] || {undefined, Child, _, _} <- Children]);
listed(_, Children) ->
    [[Id, if is_pid(Child) -> up; true -> Child end] || {Id, Child, _, _} <- Children].

%% ---------------------------------------------------------------- children

start_worker(Id) -> started(gen_server:start_link(?MODULE, {worker, Id}, [])).

start_supervisor(Spec) -> started(supervisor:start_link(?MODULE, Spec)).

started({ok, Pid}) -> ets:insert(up, {Pid}), {ok, Pid};
started(Error) -> Error.

init({worker, Id}) ->
    process_flag(trap_exit, true),
    case ets:lookup(failures, Id) of
        [{Id, Count}] when Count > 0 ->
            ets:insert(failures, {Id, Count - 1}),
            write(fail, Id),
            {stop, refused};
        _ ->
            register_child(Id, worker),
            {ok, Id}
    end;
init({sup, Id, _, _, Strategy, Intensity, Auto, Children}) ->
    Kind = case Strategy of simple_one_for_one -> dynamic; _ -> supervisor end,
    register_child(Id, Kind),
    Flags = #{strategy => Strategy, intensity => Intensity, period => 1000, auto_shutdown => Auto},
    Specs = [child_spec(Child) || Child <- Children],
    {ok, {Flags, case Kind of dynamic -> [template(Spec) || Spec <- Specs]; _ -> Specs end}}.

register_child(Id, Kind) ->
    ets:insert(live, {self(), Id, Kind, hd(get('$ancestors'))}),
    ets:insert(ids, {Id, self()}),
    write(start, Id).

write(What, Id) -> ets:insert(log, {erlang:unique_integer([monotonic]), {What, Id}}).

child_spec({worker, Id, Restart, Significant, Shutdown}) ->
    #{id => Id, start => {?MODULE, start_worker, [Id]}, restart => Restart,
      significant => Significant, shutdown => Shutdown, type => worker};
child_spec({sup, Id, Restart, Significant, _, _, _, _} = Spec) ->
    #{id => Id, start => {?MODULE, start_supervisor, [Spec]}, restart => Restart,
      significant => Significant, shutdown => infinity, type => supervisor}.

template(Spec) -> Spec#{start => {?MODULE, start_worker, []}}.

handle_info(crash, Id) -> {stop, crashed, Id};
handle_info(leave, Id) -> {stop, normal, Id};
handle_info(_, Id) -> {noreply, Id}.

handle_call(_, _, Id) -> {reply, ok, Id}.
handle_cast(_, Id) -> {noreply, Id}.
terminate(_, _) -> ok.
