"""Words and phrases of grants and offices, each with plainer ones to use in their place.

One to a line: the word as it is looked up, then what to say. A comma sets apart two suggestions.
Endings such as -s, -ed and -ing are found too, so only the plain form of a word is listed.
"""

_LIST = """
a large number of: many
a number of: some, or say how many
accommodate: make room for, fit
accompanying: with
accomplish: do
accordingly: so
accountability: who answers for it
accrue: build up, grow
acquire: get, buy
actionable: that we can act on
active ageing: keeping well and busy
additional: more, extra
additionality: what would not happen otherwise
address the issue of: deal with
adhere to: keep to
adjacent to: next to
advise us of: tell us
aforementioned: this
allocate: give, share out
alleviate: ease
ameliorate: make better
amongst: among
annum: year
anticipate: expect
appraise: judge
appropriate: right, fitting
approximately: about
ascertain: find out
aspiration: hope
assessment: check, look at
asset-based: that starts from what people can do
assist: help
assistance: help
at the present time: now
at this point in time: now
attain: reach
bandwidth: time
baseline: where things stand at the start
bed in: settle
benchmark: measure to compare with
beneficiary: person helped
beneficiaries: people helped
best practice: what works well
bid writer: person who writes bids
blue sky: new
bottom-up: led by local people
buy-in: support
by means of: by
capacity building: learning to do more
cascade: pass on
catalyse: start
cease: stop
challenging: hard
clarification: a clear answer
co-create: make together
co-creation: making together
co-design: plan together
co-locate: put in one place
co-ordinate: arrange
co-produce: make together
co-production: working together as equals
cohesion: getting on together
cohort: group
collaborate: work together
collaboration: working together
collaborative: shared, together
commence: start
commission: choose and pay for
commissioning: choosing who gets money
community-led: led by local people
competency: skill
complete and return: fill in and send back
comply with: keep to
component: part
comprise: be made up of
conceptualise: think of
concerning: about
conjunction: together
consequently: so
considerable: a lot of, great
constitute: make up, be
consult: ask
consultation: asking people
consumables: things that get used up
continuum: range
contractual: in the contract
contribute to: help
core costs: running costs
cost-effective: good value
critical mass: enough people
cross-cutting: that touches everything
cross-sector: from different kinds of groups
culturally appropriate: right for people's culture
deep dive: close look
delegate: hand over
deliver: do, run, give
deliverable: what will be done
delivery partner: group that does the work
demographic: group of people
demonstrate: show
deploy: use, send
deprivation: being poor
despite the fact that: although
determine: decide, find out
digital exclusion: not being able to get online
disadvantaged: left out, poor
disbursement: payment
discharge: let go, carry out
discontinue: stop
disproportionately: more than others
disseminate: share
dissemination: sharing
diversify: widen
drill down: look closely
due diligence: checks
due to the fact that: because
duration: how long it lasts
early intervention: help early on
economically inactive: not in work
ecosystem: groups that work together
effectuate: bring about
eligible: able to apply, allowed
eligibility criteria: rules for who can apply
embed: make part of daily work
empower: give people a say
empowerment: having a say
enable: let, help
encounter: meet
end user: person who uses it
endeavour: try
engage with: talk to, work with
engagement: taking part, talking to people
enhance: make better
enquire: ask
ensure: make sure
equitable: fair
erroneous: wrong
establish: set up, find out
evaluate: see how well it works
evaluation: seeing how well it worked
evidence-based: shown to work
evidenced: shown
exacerbate: make worse
exceed: go over
excluding: apart from
exit strategy: plan for the end
expedite: speed up
expenditure: spending
facilitate: help, make easier
facilitation: running the meeting
feasibility: whether it can be done
finalise: finish
financial year: year to the end of March
fit for purpose: right for the job
for the duration of: during
for the purpose of: to
forthcoming: coming
forthwith: at once
framework: plan, set of rules
front-facing: who meets people
front-line: who works with people
full cost recovery: all costs, running costs too
funding stream: money
furthermore: also
future-proof: made to last
generate: make, bring in
going forward: from now on
governance: how it is run
granular: detailed
grassroots: local
hard to reach: people we have not reached
hard-to-reach: not reached yet
henceforth: from now on
hereby: leave this out
holistic: that looks at the whole person
hub: meeting place, centre
identify: find, name
impact: difference made
impact on: change, affect
impactful: that makes a difference
implement: carry out, do
implementation: doing it
in accordance with: as, under
in addition: also
in advance of: before
in excess of: more than
in lieu of: instead of
in light of: because of
in order to: to
in partnership with: with
in receipt of: getting
in relation to: about
in respect of: for, about
in the event of: if
in the event that: if
inaugurate: start
incentivise: encourage
inception: start
incorporate: include
incur: have to pay
indicate: show
indicator: sign, measure
inform the development of: help to plan
infrastructure: buildings and services
initiate: start
initiative: plan, project
innovate: try something new
innovation: something new
innovative: new
inter-agency: between services
intergenerational: for young and old together
intersectional: about more than one thing at once
intervention: help, what we do
inter alia: among other things
irrespective of: whatever
joined-up: that works together
key stakeholder: person it matters to most
key worker: person to turn to
lead partner: group in charge
learnings: what we learned
legacy: what stays afterwards
leverage: use, bring in
liaise with: talk to, work with
lived experience: having been through it
localised: local
low-level support: a little help
magnitude: size
mainstream: make usual
mandatory: that you must do
marginalised: left out
match funding: money from others
maximise: make the most of
mechanism: way
methodology: way of working
milestone: stage, date to reach
minimise: make as small as possible
mitigate: lessen
mitigation: what we do to lessen it
modality: way
monies: money
monitor: keep an eye on
monitoring: keeping track
moreover: also
multi-agency: from several services
multi-disciplinary: with different skills
necessitate: need
needs-led: that starts from what people need
notify: tell
notwithstanding: in spite of
objective: aim
obtain: get
on a monthly basis: every month
on a regular basis: often, or say how often
on a weekly basis: every week
on an annual basis: every year
on an ongoing basis: all the time
ongoing: still going on
operational: running
operationalise: put to work
optimal: best
optimise: make the best of
optimum: best
outcome: change, result
outcomes-focused: that looks at what changes
output: what is done
outreach: going out to people
outset: start
overarching: main
overheads: running costs
paradigm: way of thinking
parameters: limits
partake: take part
participant: person taking part
participate: take part
participation: taking part
participatory: that people take part in
partnership working: working together
pathway: way, steps
peer support: people helping each other
per annum: a year
per capita: for each person
peripatetic: travelling
permit: let
person-centred: that fits each person
pilot: try out
pipeline: what is coming
pooled budget: shared money
portfolio: set
practicable: that can be done
practitioner: worker
pre-existing: that is there already
precarious: not safe, not certain
preventative: that stops trouble early
prior to: before
prioritise: put first
proactive: that acts early
procure: buy
procurement: buying
proficiency: skill
programme of activities: what is on
promulgate: spread
pro rata: in step, for part of the time
proportionate: that fits the size
proposal: plan
provided that: if
provision: service, help
proximity: being near
pump-prime: start with some money
purchase: buy
pursuant to: under
quantify: put a number on
quantifiable: that can be counted
quantitative: in numbers
qualitative: in words
quick win: something easy to do first
ramp up: do more of
rationale: reason
re-engineer: change
reach out to: ask, talk to
recipient: person who gets it
recommence: start again
reconfigure: change
redress: put right
referral: sending someone on to a service
referral pathway: how people are sent to us
regarding: about
reimburse: pay back
remit: job, area
remuneration: pay
render: make, give
replicate: do again elsewhere
reside: live
resilience: strength to cope
resilient: able to cope
resource-intensive: that takes a lot of work
resources: money, people and things
restricted funds: money for one purpose only
retain: keep
revenue funding: money for running costs
risk register: list of what could go wrong
robust: strong
roll out: start everywhere
rollout: start
safeguarding: keeping people safe
scalable: that can grow
scale up: do more of
scoping: finding out
service level agreement: contract
service user: person who uses the service
siloed: kept apart
signpost to: tell people about
skill set: skills
social capital: knowing and trusting people
social isolation: being alone too much
social prescribing: going to a club or group on a doctor's advice
social value: good it does
solicit: ask for
sourced: found
stakeholder: person it matters to
state-of-the-art: newest
statutory: by law
strand: part
strategic: long-term
strategic fit: how well it suits the plan
strategy: plan
streamline: make simpler
strengths-based: that starts from what people can do
subsequent: next, later
subsequently: later, then
subsistence: food and lodging
substantial: large
substantiate: prove
sufficient: enough
supplementary: extra
sustainability: how it will last
sustainable: that will last
synergy: working well together
systemic: of the whole system
tailored: made to fit
take-up: how many use it
tangible: real, that you can see
target group: people it is for
targeted: for certain people
terminate: end
terms of reference: what the group is for
the majority of: most
theory of change: how it will make a difference
thereafter: after that
third sector: charities and community groups
throughput: number of people
touch base: talk
touchpoint: time we meet
toolkit: set of tools
top-slice: take from the top
transformational: that changes a lot
transformative: that changes a lot
transition: change, move
transparency: being open
transparent: open
trajectory: path
triage: sort by need
umbrella organisation: group for other groups
under-represented: too few of
underpin: support
undertake: do
underserved: not well served
underspend: money not spent
unit cost: cost for each
unmet need: help people need and do not get
unrestricted funds: money that can be spent on anything
upskill: teach
upskilling: teaching
upstream: early on
user-led: run by those who use it
user voice: what people who use it say
utilisation: use
utilise: use
value added: extra good done
value for money: good use of money
venue: place
via: by, through
viability: whether it can last
viable: that can work
virement: moving money between budget lines
visibility: being seen
vulnerable: at risk
whereas: but
wherein: where
whilst: while
wider determinants: what else affects health
with a view to: to
with immediate effect: from now
with reference to: about
with regard to: about
with the exception of: apart from
wraparound: all-round
"""


def _pair(line: str) -> tuple[str, str]:
    hard, plain = line.split(": ", 1)
    return hard, plain


PLAIN: dict[str, str] = dict(map(_pair, _LIST.strip().splitlines()))
"""What to say, by the word or phrase to avoid, in small letters."""
